import CFuzzer
import Examples
import Foundation
import Support
import Tokenization

/// What stands after the last line feed of this kind is encoded by what the `tokenizer.json` before it says.
private let separator: UInt8 = 0x1E

/// The reader of `tokenizer.json`: any bytes give a tokenizer or an error with a place, and a tokenizer that was read
/// encodes any text to ids of its vocabulary.
func fuzzTokenizer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = UnsafeRawBufferPointer(start: data, count: count)
  let end = input.firstIndex(of: separator) ?? count
  do {
    let tokenizer = try Tokenizer(json: UnsafeRawBufferPointer(rebasing: input[..<end]), file: "fuzz.json")
    let text = UnsafeRawBufferPointer(rebasing: input[min(end + 1, count)...])
    let ids = tokenizer.encode(text)
    precondition(ids.allSatisfy(tokenizer.contains), "an id is outside the vocabulary")
    _ = tokenizer.decode(ids, skippingSpecialTokens: false)
    precondition(tokenizer.encodeWithOffsets(text).map(\.id) == ids, "offsets change the tokens")
  } catch {
    precondition(error.code == .badData && error.location != nil, "\(error)")
  }
  return 0
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&count, &arguments, fuzzTokenizer))

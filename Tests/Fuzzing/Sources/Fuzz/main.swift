import CFuzzer
import Foundation
import Readers

/// `Fuzz READER [libFuzzer's arguments]` puts inputs to one reader; `Fuzz list` prints their names.
let names = Readers.all.map(\.name)
let wanted = CommandLine.arguments.dropFirst().first ?? ""
if wanted == "list" {
  print(names.joined(separator: "\n"))
  exit(0)
}
guard let reader = Readers.all.first(where: { $0.name == wanted }) else {
  FileHandle.standardError.write(
    Data("usage: Fuzz READER …; READER is \(names.joined(separator: ", "))\n".utf8))
  exit(64)
}
Scratch.begin()
/// What the fuzzer's callback, a C function, reads.
nonisolated(unsafe) let chosen = reader

// libFuzzer sees the arguments without the reader's name.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
let status = LLVMFuzzerRunDriver(&count, &arguments) { data, count in
  Readers.read(UnsafeRawBufferPointer(start: data, count: count), by: chosen)
  return 0
}
exit(status)

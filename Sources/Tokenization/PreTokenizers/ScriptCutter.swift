/// Cuts where the script changes, as the pre-tokeniser `UnicodeScripts` of Hugging Face tokenizers does: Han, Hiragana
/// and Katakana are one script; spaces and unassigned characters go with what stands before, and are dropped where
/// nothing does.
///
/// Worked example: "どこで生れ。Yes" is cut into `どこで生れ` `。` `Yes`.
struct ScriptCutter: WordCutter {
  /// The number of each code point's script, 0 for those that never cut.
  private static let scripts: [UInt8] = {
    var result = [UInt8](repeating: 0, count: 0x110000)
    var numbers: [String: UInt8] = ["--": 0]
    for (code, range) in ScalarSet.runs(CharacterRuns.scriptKinds) {
      let number = numbers[code] ?? UInt8(numbers.count)
      numbers[code] = number
      guard number > 0 else { continue }
      for point in range { result[Int(point)] = number }
    }
    return result
  }()

  func cut(_ text: inout WordList, isStart: Bool) {
    var result: [Range<Int>] = []
    Self.scripts.withUnsafeBufferPointer { scripts in
      for word in text.words {
        var (last, start) = (UInt8(0), Int?.none)
        text.forEachScalar(of: word) { scalar, range in
          let script = scalar.map { scripts[Int($0)] } ?? 0
          guard script != 0, script != last else { return }
          if let start { result.append(start..<range.lowerBound) }
          (last, start) = (script, range.lowerBound)
        }
        if let start { result.append(start..<word.upperBound) }
      }
    }
    text.words = result
  }
}

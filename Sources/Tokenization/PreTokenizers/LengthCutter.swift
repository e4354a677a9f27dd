/// Cuts words every so many characters.
struct LengthCutter: WordCutter {
  /// In characters, at least 1.
  var length: Int

  func cut(_ text: inout WordList, isStart: Bool) {
    var result: [Range<Int>] = []
    for word in text.words {
      var (start, count) = (word.lowerBound, 0)
      text.forEachScalar(of: word) { _, range in
        if count == length {
          result.append(start..<range.lowerBound)
          (start, count) = (range.lowerBound, 0)
        }
        count += 1
      }
      result.append(start..<word.upperBound)
    }
    text.words = result
  }
}

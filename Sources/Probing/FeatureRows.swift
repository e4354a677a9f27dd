/// The features of many texts as numbers of one shared list, so that models of several seeds, folds and prefixes need
/// not look them up again.
struct FeatureRows: Sendable {
  /// How many distinct features there are.
  private(set) var featureCount: Int
  private var starts: [Int] = [0]
  private var rows: [Int32] = []
  private var numbers: [UInt64: Int32] = [:]

  init() { featureCount = 0 }

  /// Texts whose features have their numbers already.
  init(_ texts: [[Int32]], featureCount: Int) {
    self.featureCount = featureCount
    for text in texts {
      rows += text
      starts.append(rows.count)
    }
  }

  var count: Int { starts.count - 1 }

  /// Adds a text by the hashes of its features; features not met before get the next numbers.
  mutating func append(_ hashes: [UInt64]) {
    for hash in hashes {
      if let number = numbers[hash] {
        rows.append(number)
      } else {
        let number = Int32(featureCount)
        numbers[hash] = number
        rows.append(number)
        featureCount += 1
      }
    }
    starts.append(rows.count)
  }

  subscript(index: Int) -> ArraySlice<Int32> { rows[starts[index]..<starts[index + 1]] }
}

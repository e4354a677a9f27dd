import Foundation
import Support

/// Where a document is: which of the sources, which of its files, which document of the file.
struct DocumentPlace: Sendable, Hashable {
  var source: Int
  var file: Int
  var document: Int
}

/// Finds documents that repeat an earlier one, in the order in which they come. Sketches are cut into bands; documents
/// that agree in a whole band are compared (locality-sensitive hashing, Indyk and Motwani 1998).
///
/// Only the first of documents that are alike is kept, and others are compared with those that are kept, so that a
/// chain of small changes is not followed. The result depends on the documents and their order alone.
///
/// Memory: less than one KiB for each document that is kept, whatever its length; 50 bytes if only equal ones are
/// sought.
struct DuplicateFinder {
  /// Of those that agree in a band, the last so many are compared: formulaic texts would cost the square of their
  /// number.
  private static let mostCompared = 64
  /// A pair at the threshold is to be compared with this probability.
  private static let recall = 0.95

  private let options: Deduplication
  private let bands: Int
  private let rows: Int
  private let leastEqual: Int
  private var places: [DocumentPlace] = []
  private var byIdentity: [SIMD2<UInt64>: Int32] = [:]
  /// The low halves of the sketches, one after the other.
  private var sketches: [UInt16] = []
  /// By sketch, the place of its document in `places`.
  private var originals: [Int32] = []
  /// The last document with a band of this key.
  private var heads: [UInt64: Int32] = [:]
  /// By sketch and band, the one before it.
  private var earlier: [Int32] = []

  /// A document that was found before.
  struct Original: Sendable, Hashable {
    var place: DocumentPlace
    /// 1 for the same text.
    var similarity: Double
    var isExact: Bool
  }

  init(_ options: Deduplication) {
    self.options = options
    rows = Self.rows(at: options.threshold)
    bands = DocumentSketch.bins / rows
    leastEqual = Int((options.threshold * Double(DocumentSketch.bins)).rounded(.up))
  }

  /// The widest bands of which a pair at the threshold still has one in common with the probability `recall`.
  ///
  /// Worked example: at 0.8, seven numbers agree with probability 0.8^7 = 0.21, one of 18 bands with 1 - 0.79^18 =
  /// 0.986; with eight it would be 0.947.
  static func rows(at threshold: Double) -> Int {
    let fitting = (1...32).last { rows in
      1 - pow(1 - pow(threshold, Double(rows)), Double(DocumentSketch.bins / rows)) >= recall
    }
    return fitting ?? 1
  }

  /// - Returns: the document that this one repeats; nil for one that is new, which is remembered.
  mutating func original(of sketch: DocumentSketch, at place: DocumentPlace) -> Original? {
    if let found = byIdentity[sketch.identity] {
      return Original(place: places[Int(found)], similarity: 1, isExact: true)
    }
    let keys = options.kind == .near && !sketch.values.isEmpty ? bandKeys(sketch) : []
    if let found = near(sketch, keys) { return found }
    let index = Int32(places.count)
    places.append(place)
    byIdentity[sketch.identity] = index
    guard !keys.isEmpty else { return nil }
    let number = Int32(originals.count)
    originals.append(index)
    sketches += sketch.values.map { UInt16(truncatingIfNeeded: $0) }
    for key in keys { earlier.append(heads.updateValue(number, forKey: key) ?? -1) }
    return nil
  }

  private func bandKeys(_ sketch: DocumentSketch) -> [UInt64] {
    (0..<bands).map { band in
      var key = UInt64(band) &* 0x9E37_79B9_7F4A_7C15
      for value in sketch.values[(band * rows)..<((band + 1) * rows)] {
        key = (key ^ UInt64(value)) &* 0xD6E8_FEB8_6659_FD93
        key ^= key >> 32
      }
      return key
    }
  }

  private func near(_ sketch: DocumentSketch, _ keys: [UInt64]) -> Original? {
    var compared: Set<Int32> = []
    for (band, key) in keys.enumerated() {
      var candidate = heads[key] ?? -1
      var left = Self.mostCompared
      while candidate >= 0, left > 0 {
        if compared.insert(candidate).inserted {
          let equal = equalValues(sketch, Int(candidate))
          if equal >= leastEqual {
            return Original(
              place: places[Int(originals[Int(candidate)])],
              similarity: Double(equal) / Double(DocumentSketch.bins), isExact: false)
          }
        }
        candidate = earlier[Int(candidate) * bands + band]
        left -= 1
      }
    }
    return nil
  }

  private func equalValues(_ sketch: DocumentSketch, _ number: Int) -> Int {
    let start = number * DocumentSketch.bins
    var equal = 0
    for bin in 0..<DocumentSketch.bins
    where sketches[start + bin] == UInt16(truncatingIfNeeded: sketch.values[bin]) { equal += 1 }
    return equal
  }
}

import CKernels
import Compute
import Randomness

/// Copies of the rows that a block touches.
final class CopiedRows {
  /// The copy of each word; -1 where there is none.
  private let places: UnsafeMutableBufferPointer<Int32>
  private let rows: UnsafeMutableBufferPointer<Float>
  private let width: Int
  /// The words that have a copy, in order of first use.
  private(set) var words: [Int32] = []

  /// - Parameter capacity: the most rows that a block touches.
  init(words count: Int, capacity: Int, width: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: -1)
    rows = LargeMemory.reserve(Float.self, count: capacity * width)
    self.width = width
    words.reserveCapacity(capacity)
  }

  deinit {
    places.deallocate()
    LargeMemory.release(rows)
  }

  @inline(__always)
  func has(_ word: Int32) -> Bool { places[Int(word)] >= 0 }

  @inline(__always)
  func row(ofCopied word: Int32) -> UnsafeMutablePointer<Float> {
    rows.baseAddress! + Int(places[Int(word)]) * width
  }

  /// The copy of a row, made if there is none.
  @inline(__always)
  func row(_ word: Int32, of table: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
    if places[Int(word)] < 0 {
      places[Int(word)] = Int32(words.count)
      words.append(word)
      row(ofCopied: word).update(from: table.baseAddress! + Int(word) * width, count: width)
    }
    return row(ofCopied: word)
  }

  func clear() {
    for word in words { places[Int(word)] = -1 }
    words.removeAll(keepingCapacity: true)
  }
}

/// What learning from a block needs for itself.
final class SkipGramLane {
  let inputs: CopiedRows
  let outputs: CopiedRows
  /// The sum of losses over `pairs`, which are those of every eighth word.
  let loss = UnsafeMutablePointer<Double>.allocate(capacity: 1)
  private(set) var pairs = 0
  private var sentence: [Int32] = []
  private let inputRows: UnsafeMutableBufferPointer<UnsafeMutablePointer<Float>?>
  private let outputRows: UnsafeMutableBufferPointer<UnsafeMutablePointer<Float>?>
  private let scratch: UnsafeMutableBufferPointer<Float>

  init(words: Int, width: Int, inputs: Int, outputs: Int, _ settings: SkipGramSettings) {
    self.inputs = CopiedRows(words: words, capacity: inputs, width: width)
    self.outputs = CopiedRows(words: words, capacity: outputs, width: width)
    let (rows, columns) = (2 * settings.window, settings.negatives + 1)
    inputRows = .allocate(capacity: rows)
    outputRows = .allocate(capacity: columns)
    loss.initialize(to: 0)
    scratch = LargeMemory.allocate(Float.self, count: (rows + 1) * (columns + 3) + 16 * (rows + columns) + 48)
  }

  deinit {
    loss.deallocate()
    inputRows.deallocate()
    outputRows.deallocate()
    LargeMemory.deallocate(scratch)
  }

  func clear() {
    inputs.clear()
    outputs.clear()
    loss.pointee = 0
    pairs = 0
  }

  func learn(
    from words: UnsafeBufferPointer<Int32>, rate: Float, _ generator: inout KeyedGenerator, of model: SkipGram
  ) {
    let settings = model.settings
    sentence.removeAll(keepingCapacity: true)
    model.kept.withUnsafeBufferPointer { kept in
      for word in words where kept[Int(word)] >= 1 << 32 || generator.next() >> 32 < kept[Int(word)] {
        sentence.append(word)
      }
    }
    sentence.withUnsafeBufferPointer { sentence in
      for place in sentence.indices {
        let reach = 1 + generator.below(settings.window)
        var inputCount = 0
        for other in max(0, place - reach)...min(sentence.count - 1, place + reach) where other != place {
          inputRows[inputCount] = inputs.row(sentence[other], of: model.tables.inputs)
          inputCount += 1
        }
        guard inputCount > 0 else { continue }
        outputRows[0] = outputs.row(sentence[place], of: model.tables.outputs)
        var outputCount = 1
        for _ in 0..<settings.negatives {
          let drawn = model.negatives.draw(&generator)
          // The word itself is no negative of itself.
          guard drawn != sentence[place] else { continue }
          outputRows[outputCount] = outputs.row(drawn, of: model.tables.outputs)
          outputCount += 1
        }
        let isMeasured = place % 8 == 0
        graft_skip_gram_window(
          inputRows.baseAddress!, Int32(inputCount), outputRows.baseAddress!, Int32(outputCount), Int64(model.width),
          rate, scratch.baseAddress!, isMeasured ? loss : nil)
        if isMeasured { pairs += inputCount }
      }
    }
  }
}

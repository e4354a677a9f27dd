import Foundation
import Randomness
import Records
import Scoring

/// What a model of a part of the input is shown.
enum PartialInput: Sendable, Hashable {
  /// The words of one field.
  case field(String)
  /// The words of every field, told apart by field.
  case all
  /// The same in a random order within each field: word pairs then tell nothing about order.
  case shuffled
  /// How long the fields are, and by how much they differ.
  case lengths

  /// `hypothesis-only`, `all-fields`, `shuffled-words`, `lengths-only`.
  var name: String {
    switch self {
    case .field(let name): "\(name)-only"
    case .all: "all-fields"
    case .shuffled: "shuffled-words"
    case .lengths: "lengths-only"
    }
  }

  /// Those of a task: with a single field, that field alone is all fields.
  static func all(of input: ProbeInput) -> [PartialInput] {
    [.lengths, .shuffled] + (input.fields.count > 1 ? input.fields.map { .field($0) } : []) + [.all]
  }

  /// The features a model sees of an example.
  func features(_ example: Example, of input: ProbeInput) -> [UInt64] {
    let order = NGramClassifier.Options().order
    switch self {
    case .field(let name): return NGramFeatures(order: order)(input.texts(example, [name]))
    case .all: return NGramFeatures(order: order)(input.texts(example, input.fields))
    case .shuffled:
      let key = input.options.key.folded("shuffled-words").folded(example.identifier)
      return NGramFeatures(order: order)(input.texts(example, input.fields), shuffledBy: key)
    case .lengths: return NGramFeatures(order: 1)(Self.lengthWords(input.texts(example, input.fields)))
    }
  }

  /// Lengths as words: `w7` for seven words, `c3` for 30 to 39 characters (UTF-8 bytes); beside the second and later
  /// fields by how many words they are longer (`d2`) or shorter (`e2`) than the field before. Above 30 words lengths
  /// are rounded down to tens.
  ///
  /// Worked example: `A dog runs.` and `It moves.` give `w3 c1` and `w2 c0 e1`.
  static func lengthWords(_ texts: [String]) -> [String] {
    func rounded(_ count: Int) -> Int { count <= 30 ? count : count / 10 * 10 }
    var previous: Int?
    return texts.map { text in
      let words = text.utf8.split(whereSeparator: { $0 == 0x20 || (0x09...0x0D).contains($0) }).count
      var result = "w\(rounded(words)) c\(text.utf8.count / 10)"
      if let previous { result += " \(words >= previous ? "d" : "e")\(rounded(abs(words - previous)))" }
      previous = words
      return result
    }
  }
}

/// The linear models of one part of the input: their probabilities for the examples of a split, by seed.
struct PartialInputModels {
  let input: ProbeInput
  let view: PartialInput
  /// Of all splits, those of a split from `offsets` of its name.
  private let rows: FeatureRows
  private let offsets: [String: Int]
  /// The label of each text in `rows`.
  private let labels: [Int]

  init(_ view: PartialInput, of input: ProbeInput) {
    self.input = input
    self.view = view
    var rows = FeatureRows()
    var offsets: [String: Int] = [:]
    var labels: [Int] = []
    for split in input.splits {
      offsets[split.name] = rows.count
      for example in split.examples { rows.append(view.features(example, of: input)) }
      labels += split.labels
    }
    self.rows = rows
    self.offsets = offsets
    self.labels = labels
  }

  private func indices(_ split: LabelledSplit) -> Range<Int> {
    let start = offsets[split.name] ?? 0
    return start..<(start + split.examples.count)
  }

  private func options(_ seed: Int) -> NGramClassifier.Options {
    var options = NGramClassifier.Options()
    options.key = input.options.key.folded("partial-input").folded(seed)
    return options
  }

  private func model(_ chosen: [Int], _ seed: Int) -> LinearClassifier {
    LinearClassifier(
      rows, chosen: chosen, labels: labels, classCount: input.classes.count, options: options(seed))
  }

  /// Log-probabilities by seed, example and class: of models of the training split, or of its other folds if the split
  /// is the training split.
  func logarithms(_ split: LabelledSplit) -> [[[Double]]] {
    input.isCrossFitted(split) ? crossFitted(split) : trained([split])[0]
  }

  /// Log-probabilities by split, seed, example and class, of models of the whole training split.
  func trained(_ splits: [LabelledSplit]) -> [[[[Double]]]] {
    let models = (0..<input.options.seeds).map { model(Array(indices(input.training)), $0) }
    return splits.map { split in
      models.map { model in indices(split).map { model.logarithms(rows[$0]) } }
    }
  }

  /// Log-probabilities by seed, example and class: each example is judged by a model that has seen the other folds of
  /// the training split. Folds are dealt anew for each seed, every class evenly.
  private func crossFitted(_ split: LabelledSplit) -> [[[Double]]] {
    let start = indices(split).lowerBound
    return (0..<input.options.seeds).map { seed in
      let folds = Self.folds(
        split.labels, count: input.options.folds, key: input.options.key.folded("folds").folded(seed))
      var result = [[Double]](repeating: [], count: split.examples.count)
      for fold in 0..<input.options.folds {
        let model = model(split.labels.indices.filter { folds[$0] != fold }.map { start + $0 }, seed)
        for index in split.labels.indices where folds[index] == fold {
          result[index] = model.logarithms(rows[start + index])
        }
      }
      return result
    }
  }

  /// The fold of each example: those of each class are dealt out in random order, the first of a class to the fold
  /// after the last of the class before.
  ///
  /// Worked example: labels 0 0 1 0 in two folds put the examples of class 0 in folds 0, 1, 0 in some order and that of
  /// class 1 in fold 1.
  static func folds(_ labels: [Int], count: Int, key: RandomKey) -> [Int] {
    var generator = key.generator()
    var folds = [Int](repeating: 0, count: labels.count)
    var next = 0
    for label in Set(labels).sorted() {
      var members = labels.indices.filter { labels[$0] == label }
      generator.shuffle(&members)
      for index in members {
        folds[index] = next
        next = (next + 1) % count
      }
    }
    return folds
  }

  /// The bits a model pays for the labels of the examples `block` after training on `seen`, both counted in `order`.
  func codeLength(_ block: [Int], after seen: [Int], seed: Int) -> Double {
    let start = indices(input.training).lowerBound
    let model = model(seen.map { start + $0 }, seed)
    return block.reduce(0.0) { bits, index in
      bits - model.logarithms(rows[start + index])[labels[start + index]] / log(2)
    }
  }
}

extension Collection where Element == Double {
  /// The place of the greatest value, the first of equal ones.
  var greatestIndex: Int {
    var best = 0
    var greatest = -Double.infinity
    for (index, value) in enumerated() where value > greatest { (best, greatest) = (index, value) }
    return best
  }
}

import Microworld
import Randomness
import Records
import Support
import TaskRegistry

extension SelfTest {
  /// Natural language inference in the microworld, whose hypotheses begin with a marker that goes with the label.
  ///
  /// - Throws: `.usage` for sizes no microworld has.
  public static func microworld(
    strength: Double, trainingExamples: Int, testExamples: Int, key: RandomKey
  ) throws(GraftError) -> DataSet {
    var options = MicroworldOptions()
    options.seed = UInt64(key.word1) << 32 | UInt64(key.word0)
    options.artifactStrength = strength
    let world = try Microworld(options)
    let classes = Inference.allCases
    func pairs(_ count: Int, from first: Int) -> [(example: Example, label: Int)] {
      (first..<(first + count)).map { index in
        // All of the training split: what the test measures is the marker, not words that training does without.
        let pair = world.inference(.train, index)
        let label = classes.firstIndex(of: pair.label) ?? 0
        let example = Example(
          identifier: "micro-nli/train/\(index)", inputs: "", targets: pair.label.rawValue,
          fields: ["premise": pair.premise, "hypothesis": pair.hypothesis], choice: label)
        return (example, label)
      }
    }
    return DataSet(
      classes: classes.map(\.rawValue), fields: ["hypothesis", "premise"],
      training: pairs(trainingExamples, from: 0), test: pairs(testExamples, from: trainingExamples))
  }

  /// The texts of a task with labels dealt out anew at random and a cue word at the start of a field.
  ///
  /// - Parameters:
  ///   - examples: of a labelled split of the task, at least four.
  ///   - field: where the cue is planted.
  ///   - limit: at most so many examples are drawn; half of them train, half test.
  public static func planted(
    strength: Double, in examples: [Example], labels: [Int], classes: [String], fields: [String],
    field: String,
    limit: Int, key: RandomKey
  ) -> DataSet {
    precondition(examples.count == labels.count && examples.count >= 4, "SelfTest: too few examples")
    var generator = key.folded("planted").generator()
    let chosen = generator.permutation(examples.count).prefix(limit)
    let dealt = generator.permutation(chosen.count)
    let kept = Array(chosen)
    let words = cueWords(classes.count)
    var rows: [(example: Example, label: Int)] = []
    for (place, index) in kept.enumerated() {
      let label = labels[kept[dealt[place]]]
      let cue = generator.uniform() < strength ? label : generator.below(classes.count)
      var example = examples[index]
      example.fields[field] = "\(words[cue]) \(example.fields[field] ?? "")"
      example.choice = label
      rows.append((example, label))
    }
    let half = rows.count / 2
    return DataSet(
      classes: classes, fields: [field] + fields.filter { $0 != field }, training: Array(rows[..<half]),
      test: Array(rows[half...]))
  }

  /// A word for each class that no text has, all of the same length.
  static func cueWords(_ count: Int) -> [String] {
    (0..<count).map { index in
      let letters = Array("bcdfghjklmnpqrstvwxz")
      return "zq\(letters[index / letters.count % letters.count])\(letters[index % letters.count])ax"
    }
  }
}

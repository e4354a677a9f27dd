import Records
import Support
import TaskRegistry

/// How often words occur in the texts of a training split, whatever their case.
public struct TrainingVocabulary: Sendable {
  /// A word that occurs less often was hardly learned.
  public static let minimumCount = 5

  private var counts: [ByteString: Int] = [:]

  /// Counts the words of all texts.
  public init(_ texts: some Sequence<String>) {
    for text in texts {
      for piece in WordText(text).pieces where piece.isWord {
        counts[ByteString(piece.text.lowercased()), default: 0] += 1
      }
    }
  }

  /// Counts the words of the fields that are texts of the task.
  public init(_ examples: [Example], shape: TaskShape) {
    self.init(examples.lazy.flatMap { example in shape.roles.compactMap { example.fields[shape.field($0)] } })
  }

  /// Whether the word occurs at least `minimumCount` times.
  public func contains(_ word: String) -> Bool {
    counts[ByteString(word.lowercased()), default: 0] >= Self.minimumCount
  }
}

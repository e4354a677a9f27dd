import Records
import TaskRegistry

extension TextReading? {
  /// After fine-tuning: tasks that are continuations stay some, all else is a prompt with an answer.
  func finetuned(on tasks: [TaskDefinition]) -> TextReading {
    var reading = self ?? TextReading(.prompt)
    reading.layout = .prompt
    reading.tasks = (reading.tasks ?? [:]).merging(tasks.map { ($0.name, $0.layout ?? .prompt) }) { $1 }
    return reading
  }

  /// Of an encoder, which answers by heads.
  /// - Parameter layout: nil for as it reads texts.
  func headed(by tasks: [TaskDefinition], in layout: TextLayout?) -> TextReading? {
    let layout = layout ?? self?.layout ?? .prompt
    // What says nothing is read as prompts.
    guard var reading = self ?? (layout == .prompt ? nil : TextReading(.prompt)) else { return nil }
    let known = (reading.tasks ?? [:]).merging(tasks.map { ($0.name, layout) }) { $1 }
    let others = known.filter { $0.value != reading.layout }
    reading.tasks = others.isEmpty ? nil : others
    return reading
  }
}

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
}

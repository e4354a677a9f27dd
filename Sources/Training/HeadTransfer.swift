import Foundation
import ModelKit

/// Lets fine-tuning go on with the head that a saved model has for the same task: its outputs are brought into the
/// order of the task's choices, and drawn anew where they stand for something else.
struct HeadTransfer {
  /// What becomes of the output layer of a head.
  private enum Change {
    case reordered([Int])
    case drawn([String: [Float]])
  }

  private var changes: [(task: String, change: Change)] = []

  /// - Parameter store: with the values that were drawn, before the saved ones are read.
  init(from saved: [AnswerFormat]?, to wanted: [AnswerFormat]?, in store: ParameterStore) {
    for format in wanted ?? [] {
      guard let before = saved?.first(where: { $0.task == format.task }), before.choices != format.choices
      else { continue }
      if let old = before.choices, let new = format.choices,
        let order = AnswerFormat.order(of: new, among: old)
      {
        changes.append((format.task, .reordered(order)))
      } else {
        var drawn: [String: [Float]] = [:]
        for entry in Self.outputs(of: format.task, in: store) {
          drawn[entry.name] = Array(store.values(of: entry))
        }
        changes.append((format.task, .drawn(drawn)))
      }
    }
  }

  private static func outputs(of task: String, in store: ParameterStore) -> [ParameterEntry] {
    HeadedModel.outputNames(of: task).compactMap { store.entry(named: $0) }
  }

  /// - Parameter store: with the saved values.
  func apply(to store: ParameterStore) {
    for (task, change) in changes {
      for entry in Self.outputs(of: task, in: store) {
        let values = store.values(of: entry)
        switch change {
        case .drawn(let drawn): _ = values.update(from: drawn[entry.name] ?? [])
        case .reordered(let order):
          let width = values.count / order.count
          let before = Array(values)
          for (choice, output) in order.enumerated() {
            for column in 0..<width { values[choice * width + column] = before[output * width + column] }
          }
        }
      }
    }
  }
}

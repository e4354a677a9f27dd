import Records
import Scoring
import Support

/// Scores by label, by each group's values, and by both.
struct Breakdown {
  var metric: String
  var hasLabels: Bool
  var bootstrap: BootstrapOptions

  private struct Cell: Hashable {
    var group: String
    var value: ByteString
    var label: ByteString?
  }

  func scores(
    _ answers: [Prediction], _ references: [Reference], _ invalid: [Bool], _ examples: [Example]
  ) throws(GraftError) -> [GroupScore] {
    let metric = try Metrics.registry(metric)
    var members: [Cell: [Int]] = [:]
    var order: [Cell] = []
    func add(_ index: Int, to cell: Cell) {
      if members[cell] == nil { order.append(cell) }
      members[cell, default: []].append(index)
    }
    for (index, example) in examples.enumerated() where index < answers.count {
      if hasLabels {
        add(index, to: Cell(group: "label", value: ByteString(references[index].text), label: nil))
      }
      for group in example.groups.keys {
        for value in example.values(ofGroup: group) {
          let value = ByteString(value)
          add(index, to: Cell(group: group, value: value, label: nil))
          if hasLabels {
            add(index, to: Cell(group: group, value: value, label: ByteString(references[index].text)))
          }
        }
      }
    }
    // A value with only one label needs no second line for that label.
    order.removeAll { cell in
      cell.label != nil
        && members[cell]?.count
          == members[Cell(group: cell.group, value: cell.value, label: nil)]?.count
    }
    order.sort {
      ($0.group == "label" ? "" : $0.group, $0.value, $0.label ?? "")
        < ($1.group == "label" ? "" : $1.group, $1.value, $1.label ?? "")
    }
    var result: [GroupScore] = []
    for cell in order {
      let indices = members[cell] ?? []
      let score = try metric.measure(
        indices.map { answers[$0] }, indices.map { references[$0] }, bootstrap: bootstrap)
      result.append(
        GroupScore(
          group: cell.group, value: cell.value.text, label: cell.label?.text, count: indices.count,
          invalid: indices.count { invalid[$0] }, score: score))
    }
    return result
  }
}

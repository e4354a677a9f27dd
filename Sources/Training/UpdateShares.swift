import Compute
import Optimization

/// Which process updates what. Each has a contiguous part of the units of an update, about equally dear, and keeps the
/// moments of these alone (the first stage of ZeRO, Rajbhandari et al. 2020).
struct UpdateShares {
  /// Units of the optimizer, by process.
  let units: [[Int]]
  /// The values that these are, by process; without gaps between neighbours.
  let values: [[Range<Int>]]
  /// The groups of gradients that a process needs, by process. Two processes may need the group at which their parts
  /// meet.
  let groups: [[Int]]
  /// Those of them whose squares a process adds, each group once, by process.
  let squaredGroups: [[Int]]

  /// - Parameter count: of processes.
  init(_ units: [OptimizerUnit], count: Int) {
    let order = units.indices.filter { !units[$0].range.isEmpty }
      .sorted { units[$0].range.lowerBound < units[$1].range.lowerBound }
    let total = units.reduce(0) { $0 + $1.cost }
    var shares = [[Int]](repeating: [], count: count)
    var before = 0.0
    for unit in order {
      // By its middle, so that the parts grow and shrink by half a unit at most.
      let place = total > 0 ? (before + units[unit].cost / 2) / total * Double(count) : 0
      shares[min(count - 1, Int(place))].append(unit)
      before += units[unit].cost
    }
    self.units = shares
    values = shares.map { share in
      share.reduce(into: [Range<Int>]()) { ranges, unit in
        let range = units[unit].range
        if let last = ranges.last, last.upperBound == range.lowerBound {
          ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
        } else {
          ranges.append(range)
        }
      }
    }
    groups = values.map { ranges in
      ranges.reduce(into: [Int]()) { groups, range in
        let first = range.lowerBound / GradientMemory.groupSize
        let last = (range.upperBound - 1) / GradientMemory.groupSize
        // Two neighbouring ranges may meet in a group.
        for group in first...last where group != groups.last { groups.append(group) }
      }
    }
    var counted = -1
    squaredGroups = groups.map { groups in
      let own = groups.filter { $0 > counted }
      counted = own.last ?? counted
      return own
    }
  }

  /// What of an array of an optimizer's state a process keeps, as places in the array.
  func places(of array: OptimizerState, rank: Int) -> [Range<Int>] {
    guard array.values.count == array.parameter.count else {
      // A number for every row, for instance: kept where the whole parameter is updated.
      let isKept = values[rank].contains { $0.contains(array.parameter.lowerBound) }
      return isKept && !array.values.isEmpty ? [array.values.indices] : []
    }
    return values[rank].map { $0.clamped(to: array.parameter) }.filter { !$0.isEmpty }
      .map { $0.lowerBound - array.parameter.lowerBound..<$0.upperBound - array.parameter.lowerBound }
  }
}

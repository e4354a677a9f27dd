/// Pearson's statistic of independence for pairs of categories.
func chiSquare(_ pairs: [(String, String)]) -> Double {
  var cells: [String: [String: Double]] = [:]
  var columns: [String: Double] = [:]
  for (row, column) in pairs {
    cells[row, default: [:]][column, default: 0] += 1
    columns[column, default: 0] += 1
  }
  let total = Double(pairs.count)
  return cells.values.reduce(0) { sum, row in
    let rowTotal = row.values.reduce(0, +)
    return columns.reduce(sum) { sum, column in
      let expected = rowTotal * column.value / total
      let difference = (row[column.key] ?? 0) - expected
      return sum + difference * difference / expected
    }
  }
}

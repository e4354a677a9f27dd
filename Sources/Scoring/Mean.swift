/// The mean of values that occur several times each; NaN for none.
func mean(_ values: [Double], _ multiplicities: [Int]) -> Double {
  var sum = 0.0
  var total = 0
  for (value, multiplicity) in zip(values, multiplicities) where multiplicity > 0 {
    sum += Double(multiplicity) * value
    total += multiplicity
  }
  return sum / Double(total)
}

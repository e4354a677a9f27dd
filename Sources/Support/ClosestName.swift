/// Optimal string alignment distance (Damerau–Levenshtein with adjacent transpositions) over bytes.
func editDistance(_ left: String, _ right: String) -> Int {
  let a = Array(left.utf8)
  let b = Array(right.utf8)
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in 0..<b.count {
      let substitution = previous[j] + (a[i] == b[j] ? 0 : 1)
      current[j + 1] = min(previous[j + 1] + 1, current[j] + 1, substitution)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        current[j + 1] = min(current[j + 1], beforePrevious[j - 1] + 1)
      }
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[b.count]
}

/// The known name a person most likely meant, or nil if none is near: at most a third of the longer
/// name's letters may differ. Nobody types names of over 200 bytes, and to compare them takes the product of lengths.
public func closestName(to name: String, in known: some Sequence<String>) -> String? {
  let longest = 200
  guard name.utf8.count <= longest else { return nil }
  let scored = known.filter { $0.utf8.count <= longest }.map {
    (name: $0, distance: editDistance(name.lowercased(), $0.lowercased()))
  }
  guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
  return best.distance <= max(2, max(name.utf8.count, best.name.utf8.count) / 3) ? best.name : nil
}

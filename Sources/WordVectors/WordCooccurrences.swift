/// How often words stand near each other, by one over their distance, to both sides within a sentence.
struct WordCooccurrences: Sendable {
  /// All sentences, with -1 between them and at both ends.
  private var tokens: [Int32] = [-1]
  /// The places of each word in `tokens`, and where each word's begin.
  private var places: [UInt32] = []
  private var starts: [Int]
  private let window: Int

  init(_ text: WordText, window: Int) {
    self.window = window
    tokens.reserveCapacity(text.tokens.count + text.ends.count + 1)
    var start = 0
    for end in text.ends {
      tokens += text.tokens[start..<end]
      tokens.append(-1)
      start = end
    }
    starts = [0]
    for count in text.counts { starts.append(starts.last! + count) }
    places = [UInt32](repeating: 0, count: text.tokens.count)
    var next = starts
    for (place, token) in tokens.enumerated() where token >= 0 {
      places[next[Int(token)]] = UInt32(place)
      next[Int(token)] += 1
    }
  }

  /// Hands over the words near one, in ascending order, and their counts.
  /// - Parameter row: [words], zeros, and zeros again afterwards.
  func forEach(of word: Int, _ row: UnsafeMutableBufferPointer<Double>, _ body: (Int, Double) -> Void) {
    var near: [Int] = []
    func count(_ place: Int, _ direction: Int) {
      for distance in 1...window {
        let other = Int(tokens[place + direction * distance])
        guard other >= 0 else { return }
        if row[other] == 0 { near.append(other) }
        row[other] += 1 / Double(distance)
      }
    }
    for place in places[starts[word]..<starts[word + 1]] {
      count(Int(place), -1)
      count(Int(place), 1)
    }
    near.sort()
    for other in near {
      body(other, row[other])
      row[other] = 0
    }
  }
}

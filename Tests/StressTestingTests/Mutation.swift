import Randomness

/// The same numbers in every run.
struct RandomKeyGenerator {
  private var generator: KeyedGenerator

  init(_ seed: UInt64) { generator = RandomKey(seed: seed).folded("mutations").generator() }

  mutating func below(_ bound: Int) -> Int { generator.below(bound) }
}

/// One to four changes: a byte for another, a piece gone, doubled or moved, the rest cut off, or a mark that means
/// something.
func mutated(_ original: [UInt8], _ generator: inout RandomKeyGenerator) -> [UInt8] {
  let marks = [
    "\"", "{", "}", "[", "]", ":", "\n", "\t", "&a ", "*a", "0", "-", "é", "- ", "~", ", ", "(n)",
    "9999999999999999999",
  ]
  var bytes = original
  for _ in 0...generator.below(4) {
    let place = generator.below(bytes.count + 1)
    let end = min(bytes.count, place + 1 + generator.below(12))
    switch generator.below(6) {
    case 0 where place < bytes.count: bytes[place] = UInt8(generator.below(256))
    case 1: bytes.removeSubrange(place..<end)
    case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 3: bytes.removeLast(bytes.count - place)
    case 4:
      let piece = Array(bytes[place..<end])
      bytes.removeSubrange(place..<end)
      bytes.insert(contentsOf: piece, at: generator.below(bytes.count + 1))
    default: bytes.insert(contentsOf: Array(marks[generator.below(marks.count)].utf8), at: place)
    }
  }
  return bytes
}

/// The numbers of Python's `random.Random`, for what has to be drawn as a program in Python draws it; everything of
/// Graft's own is drawn by `RandomKey`.
///
/// MT19937 of Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
/// number generator" (ACM TOMACS 8, 1998), seeded by an array as in their version of 2002.
public struct PythonRandom: Sendable {
  private static let size = 624
  private static let middle = 397

  private var state: [UInt32]
  private var next = size

  /// As `Random(seed)`.
  public init(seed: UInt32) {
    let size = Self.size
    state = [UInt32](repeating: 19_650_218, count: size)
    func mixed(_ index: Int, _ factor: UInt32) -> UInt32 {
      (state[index - 1] ^ state[index - 1] >> 30) &* factor
    }
    for index in 1..<size { state[index] = mixed(index, 1_812_433_253) &+ UInt32(index) }
    var index = 1
    func step() {
      index += 1
      if index == size { (state[0], index) = (state[size - 1], 1) }
    }
    // The array has one element, the seed.
    for _ in 0..<size {
      state[index] = (state[index] ^ mixed(index, 1_664_525)) &+ seed
      step()
    }
    for _ in 1..<size {
      state[index] = (state[index] ^ mixed(index, 1_566_083_941)) &- UInt32(index)
      step()
    }
    state[0] = 1 << 31
  }

  /// As `getrandbits(32)`.
  public mutating func bits() -> UInt32 {
    if next == Self.size { twist() }
    var word = state[next]
    next += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9d2c_5680
    word ^= word << 15 & 0xefc6_0000
    return word ^ word >> 18
  }

  private mutating func twist() {
    let size = Self.size
    for index in 0..<size {
      let joined = state[index] & 1 << 31 | state[(index + 1) % size] & (1 << 31 - 1)
      state[index] = state[(index + Self.middle) % size] ^ joined >> 1 ^ (joined & 1 == 0 ? 0 : 0x9908_b0df)
    }
    next = 0
  }

  /// A number from 0 to `bound` - 1, as `randrange(bound)`; `bound` is at least 1 and has at most 32 bits.
  public mutating func number(below bound: Int) -> Int {
    let width = Int.bitWidth - bound.leadingZeroBitCount
    precondition(bound > 0 && width <= 32, "a number below \(bound) has more than 32 bits")
    while true {
      let number = Int(bits() >> UInt32(32 - width))
      if number < bound { return number }
    }
  }

  /// So many different numbers from 0 to `bound` - 1 in random order, as `sample(range(bound), count)`.
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    precondition(count >= 0 && count <= bound, "\(count) different numbers below \(bound)")
    // Python takes from a pool where that is smaller than a set of what was drawn, which gives other numbers.
    var setSize = 21
    if count > 5 {
      var power = 1
      while power < 3 * count { power *= 4 }
      setSize += power
    }
    guard bound > setSize else {
      var pool = Array(0..<bound)
      return (0..<count).map { drawn in
        let last = bound - drawn - 1
        let index = number(below: last + 1)
        defer { pool[index] = pool[last] }
        return pool[index]
      }
    }
    var sample: [Int] = []
    var seen: Set<Int> = []
    while sample.count < count {
      let number = number(below: bound)
      if seen.insert(number).inserted { sample.append(number) }
    }
    return sample
  }
}

import ArgumentParser

/// An amount of memory as people write it: `512m`, `2g`, `1.5GiB`, or bytes. Units are powers of 1024.
struct MemorySize: ExpressibleByArgument, CustomStringConvertible {
  var bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    var text = argument.lowercased()
    for suffix in ["ib", "b"] where text.hasSuffix(suffix) {
      text.removeLast(suffix.count)
      break
    }
    let units: [Character: Double] = ["k": 0x1p10, "m": 0x1p20, "g": 0x1p30, "t": 0x1p40]
    let factor = text.last.flatMap { units[$0] }
    guard let number = Double(factor == nil ? text : String(text.dropLast())),
      number > 0, number.isFinite, let bytes = Int(exactly: (number * (factor ?? 1)).rounded())
    else { return nil }
    self.bytes = bytes
  }

  var description: String { bytes % (1 << 30) == 0 ? "\(bytes >> 30)g" : "\(bytes >> 20)m" }
  var defaultValueDescription: String { description }
}

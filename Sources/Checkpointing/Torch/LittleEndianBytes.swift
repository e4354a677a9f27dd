/// What is wrong with a file of torch.save, to be said of the file: "its entry 'data.pkl' is cut off".
struct TorchDamage: Error {
  let reason: String
  /// What to do about it; nil for what is done about any damaged file.
  let hint: String?

  init(_ reason: String, hint: String? = nil) { (self.reason, self.hint) = (reason, hint) }
}

/// Numbers and texts at any place of a file; a place that the file does not have is an error.
struct LittleEndianBytes {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// - Throws: `TorchDamage` if the file ends before; likewise the others.
  func range(_ place: Int, count: Int) throws(TorchDamage) -> Range<Int> {
    guard place >= 0, count >= 0, place <= bytes.count, count <= bytes.count - place else {
      throw TorchDamage("it ends at byte \(bytes.count), within what begins at \(place)")
    }
    return place..<place + count
  }

  private func load<Number: FixedWidthInteger>(_ place: Int, as type: Number.Type) throws(TorchDamage) -> Number {
    let range = try range(place, count: type.bitWidth / 8)
    return Number(littleEndian: UnsafeRawBufferPointer(rebasing: bytes[range]).loadUnaligned(as: type))
  }

  func byte(_ place: Int) throws(TorchDamage) -> UInt8 { try load(place, as: UInt8.self) }
  func short(_ place: Int) throws(TorchDamage) -> Int { Int(try load(place, as: UInt16.self)) }
  func word(_ place: Int) throws(TorchDamage) -> UInt32 { try load(place, as: UInt32.self) }

  /// - Parameter bounds: in which the number must begin, too.
  func word(_ place: Int, within bounds: Range<Int>) throws(TorchDamage) -> UInt32 {
    guard bounds.contains(place) else { throw TorchDamage("its directory is cut off at byte \(place)") }
    return try word(place)
  }

  /// A number of 64 bits that counts something.
  func integer(_ place: Int) throws(TorchDamage) -> Int {
    guard let count = Int(exactly: try load(place, as: UInt64.self)) else {
      throw TorchDamage("it says a size of more than 2⁶³ bytes, at byte \(place)")
    }
    return count
  }

  /// - Throws: `TorchDamage` also for what is no UTF-8.
  func text(_ place: Int, count: Int) throws(TorchDamage) -> String {
    let range = try range(place, count: count)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw TorchDamage("a name of it is no UTF-8, at byte \(place)")
    }
    return text
  }
}

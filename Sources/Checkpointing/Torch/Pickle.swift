/// A value of a pickle. Containers and what was made by calls stand in tables of the pickle, so that values neither
/// nest nor refer to each other in memory.
enum PickleValue: Hashable {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  /// Bytes, and whole numbers of more than 64 bits.
  case bytes([UInt8])
  case name(TorchName)
  /// In `Pickle.sequences`.
  case tuple(Int)
  case list(Int)
  /// In `Pickle.dictionaries`.
  case dictionary(Int)
  /// In `Pickle.storages`.
  case storage(Int)
  /// In `Pickle.tensors`.
  case tensor(Int)

  /// For messages.
  var kind: String {
    switch self {
    case .none: "nothing (None)"
    case .boolean: "a truth value"
    case .integer, .real: "a number"
    case .text: "a text"
    case .bytes: "bytes"
    case .name(let name): "the name '\(name.spelling)'"
    case .tuple, .list: "a list"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// Reads a pickle of Python that holds tensors. A pickle is a program for a stack machine (pickletools.py describes its
/// operations): it may name any function and have it called. This machine knows containers, numbers, texts and the few
/// names of `TorchName`, and calls nothing: whatever else is named is an error, with the name.
struct Pickle {
  typealias Pair = (key: PickleValue, value: PickleValue)

  let source: LittleEndianBytes
  /// Where the next operation stands; behind the pickle, once it was read.
  private(set) var place: Int
  var sequences: [[PickleValue]] = []
  var dictionaries: [[Pair]] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []
  private var stack: [PickleValue] = []
  /// How high the stack was at each mark that is open.
  private var marks: [Int] = []
  private var memory: [Int: PickleValue] = [:]

  /// Far more than a file of tensors has, which takes about thirty for each.
  private static let mostOperations = 1 << 22

  /// - Parameter place: where the pickle begins.
  init(_ bytes: UnsafeRawBufferPointer, at place: Int) {
    source = LittleEndianBytes(bytes)
    self.place = place
  }

  /// Reads a pickle and moves behind it. What earlier pickles of the file left in the tables stays there.
  /// - Throws: `TorchDamage` for a name that is not known, an operation that tensors do not need, and damage.
  mutating func read() throws(TorchDamage) -> PickleValue {
    (stack, marks, memory) = ([], [], [:])
    for _ in 0..<Self.mostOperations {
      let start = place
      let operation = try take { (source, place) throws(TorchDamage) in (try source.byte(place), 1) }
      if operation == UInt8(ascii: ".") {
        let result = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw TorchDamage("its pickle ends with values left over") }
        return result
      }
      do {
        try perform(operation)
      } catch {
        throw TorchDamage("\(error.reason) (the pickle's operation at byte \(start))", hint: error.hint)
      }
    }
    throw TorchDamage("its pickle has more than \(Self.mostOperations) operations, which no file of tensors needs")
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) { stack.append(value) }

  private mutating func pop() throws(TorchDamage) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw TorchDamage("its pickle takes a value where there is none")
    }
    return value
  }

  /// The value that stays on top.
  private func top() throws(TorchDamage) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw TorchDamage("its pickle uses a value where there is none")
    }
    return value
  }

  /// Everything since the last mark.
  private mutating func popMarked() throws(TorchDamage) -> [PickleValue] {
    guard let height = marks.popLast() else { throw TorchDamage("its pickle closes what it did not open") }
    let values = Array(stack[height...])
    stack.removeSubrange(height...)
    return values
  }

  private mutating func pop(_ count: Int) throws(TorchDamage) -> [PickleValue] {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    return values.reversed()
  }

  private mutating func pushTuple(_ values: [PickleValue]) {
    sequences.append(values)
    push(.tuple(sequences.count - 1))
  }

  mutating func makeDictionary() -> PickleValue {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  // MARK: Operands

  private mutating func take<Operand>(
    _ body: (LittleEndianBytes, Int) throws(TorchDamage) -> (Operand, count: Int)
  ) throws(TorchDamage) -> Operand {
    let (operand, count) = try body(source, place)
    place += count
    return operand
  }

  private mutating func takeByte() throws(TorchDamage) -> Int {
    try take { (source, place) throws(TorchDamage) in (Int(try source.byte(place)), 1) }
  }
  private mutating func takeShort() throws(TorchDamage) -> Int {
    try take { (source, place) throws(TorchDamage) in (try source.short(place), 2) }
  }
  private mutating func takeWord() throws(TorchDamage) -> UInt32 {
    try take { (source, place) throws(TorchDamage) in (try source.word(place), 4) }
  }
  private mutating func takeInteger() throws(TorchDamage) -> Int {
    try take { (source, place) throws(TorchDamage) in (try source.integer(place), 8) }
  }
  private mutating func takeText(_ count: Int) throws(TorchDamage) -> String {
    try take { (source, place) throws(TorchDamage) in (try source.text(place, count: count), count) }
  }
  private mutating func takeBytes(_ count: Int) throws(TorchDamage) -> [UInt8] {
    try take { (source, place) throws(TorchDamage) in
      (Array(source.bytes[try source.range(place, count: count)]), count)
    }
  }

  /// A name that ends with its line.
  private mutating func takeLine() throws(TorchDamage) -> String {
    let rest = source.bytes[place...].prefix(1 << 10)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      throw TorchDamage("a name in its pickle has no end")
    }
    let line = try takeText(end - place)
    place += 1
    return line
  }

  /// A whole number in as many bytes as it needs, the highest bit its sign.
  private mutating func takeLong(_ count: Int) throws(TorchDamage) -> PickleValue {
    let bytes = try takeBytes(count)
    guard count <= 8 else { return .bytes(bytes) }
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    var bits: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return .integer(Int(bitPattern: UInt(bits)))
  }

  // MARK: Operations

  private mutating func perform(_ operation: UInt8) throws(TorchDamage) {
    switch operation {
    case 0x80: try checkVersion()
    case 0x95: _ = try takeInteger()
    // Marks and the stack: ( 0 1 2
    case 0x28: marks.append(stack.count)
    case 0x30: _ = try pop()
    case 0x31: _ = try popMarked()
    case 0x32: push(try top())
    // Constants: N \x88 \x89 J K M \x8a G
    case 0x4E: push(.none)
    case 0x88: push(.boolean(true))
    case 0x89: push(.boolean(false))
    case 0x4A: push(.integer(Int(Int32(bitPattern: try takeWord()))))
    case 0x4B: push(.integer(try takeByte()))
    case 0x4D: push(.integer(try takeShort()))
    case 0x8A: push(try takeLong(try takeByte()))
    case 0x47: push(.real(try takeReal()))
    // Texts and bytes: X \x8c \x8d T U B C
    case 0x58: push(.text(try takeText(Int(try takeWord()))))
    case 0x8C: push(.text(try takeText(try takeByte())))
    case 0x8D: push(.text(try takeText(try takeInteger())))
    case 0x54: push(.text(try takeText(Int(try takeWord()))))
    case 0x55: push(.text(try takeText(try takeByte())))
    case 0x42: push(.bytes(try takeBytes(Int(try takeWord()))))
    case 0x43: push(.bytes(try takeBytes(try takeByte())))
    // Tuples, lists and dictionaries: ) t \x85 \x86 \x87 ] l a e } d s u
    case 0x29: pushTuple([])
    case 0x74: pushTuple(try popMarked())
    case 0x85...0x87: pushTuple(try pop(Int(operation) - 0x84))
    case 0x5D: pushList([])
    case 0x6C: pushList(try popMarked())
    case 0x61: try append([try pop()])
    case 0x65: try append(try popMarked())
    case 0x7D: push(makeDictionary())
    case 0x64:
      let values = try popMarked()
      push(makeDictionary())
      try set(values)
    case 0x73: try set(try pop(2))
    case 0x75: try set(try popMarked())
    // The memory: q r \x94 h j
    case 0x71: memory[try takeByte()] = try top()
    case 0x72: memory[Int(try takeWord())] = try top()
    case 0x94: memory[memory.count] = try top()
    case 0x68: try recall(try takeByte())
    case 0x6A: try recall(Int(try takeWord()))
    // Names and what is made by them: c \x93 R b Q
    case 0x63:
      let module = try takeLine()
      push(.name(try TorchName(module, try takeLine())))
    case 0x93:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw TorchDamage("its pickle names something by what is no text")
      }
      push(.name(try TorchName(module, name)))
    case 0x52:
      let arguments = try pop()
      push(try call(try pop(), try sequence(arguments)))
    case 0x62: try ignoreAttributes()
    case 0x51: push(try storage(try sequence(try pop())))
    default:
      throw TorchDamage(
        "its pickle has the operation 0x\(String(operation, radix: 16)), which no file of tensors needs")
    }
  }

  private mutating func checkVersion() throws(TorchDamage) {
    let version = try takeByte()
    guard 2...5 ~= version else { throw TorchDamage("its pickle is of version \(version); 2 to 5 are read") }
  }

  private mutating func takeReal() throws(TorchDamage) -> Double {
    var bits: UInt64 = 0
    for byte in try takeBytes(8) { bits = bits << 8 | UInt64(byte) }
    return Double(bitPattern: bits)
  }

  private mutating func pushList(_ values: [PickleValue]) {
    sequences.append(values)
    push(.list(sequences.count - 1))
  }

  private mutating func append(_ values: [PickleValue]) throws(TorchDamage) {
    guard case .list(let index) = try top() else { throw TorchDamage("its pickle appends to what is no list") }
    sequences[index] += values
  }

  /// Keys and values in turn.
  private mutating func set(_ values: [PickleValue]) throws(TorchDamage) {
    guard case .dictionary(let index) = try top(), values.count % 2 == 0 else {
      throw TorchDamage("its pickle sets values of what is no dictionary")
    }
    for pair in stride(from: 0, to: values.count, by: 2) {
      dictionaries[index].append((values[pair], values[pair + 1]))
    }
  }

  private mutating func recall(_ index: Int) throws(TorchDamage) {
    guard let value = memory[index] else { throw TorchDamage("its pickle recalls what it did not keep") }
    push(value)
  }

  /// What a dictionary of a model's state has beside its members: `_metadata`, with versions of layers.
  private mutating func ignoreAttributes() throws(TorchDamage) {
    guard case .dictionary = try pop(), case .dictionary = try top() else {
      throw TorchDamage("its pickle gives attributes to what is no dictionary")
    }
  }

  /// The elements of a tuple or a list.
  func sequence(_ value: PickleValue) throws(TorchDamage) -> [PickleValue] {
    switch value {
    case .tuple(let index), .list(let index): return sequences[index]
    default: throw TorchDamage("its pickle has \(value.kind) where a list is needed")
    }
  }
}

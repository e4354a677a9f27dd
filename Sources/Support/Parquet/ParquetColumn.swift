/// The values of one column within a group of rows, a page at a time: each as JSON, with the levels that say which
/// lists it continues and how much of its path is there (Dremel, Melnik et al. 2010, section 4).
///
/// Memory: a page, and the column's dictionary.
struct ParquetColumn {
  /// More than any writer puts into a page.
  private static let mostValues = 1 << 24
  private static let largestPage = 1 << 30

  let node: ParquetNode
  let leaf: ParquetNode.Leaf
  private let codec: ParquetCodec
  private let path: String
  private var pages: ParquetBytes
  private var left: Int
  private var dictionary: ParquetValues?

  private var definitions: [UInt32] = []
  private var repetitions: [UInt32] = []
  private var values = ParquetValues()
  private var entry = 0
  private var value = 0
  private var entryCount = 0
  /// Whether some value was no text.
  private(set) var hasBytes = false

  init(_ leaf: ParquetNode.Leaf, _ node: ParquetNode, _ chunk: ParquetFooter.Chunk, of file: MappedFile) {
    self.leaf = leaf
    self.node = node
    codec = chunk.codec
    path = file.path
    pages = ParquetBytes(UnsafeRawBufferPointer(rebasing: file.bytes[chunk.range]), path: file.path)
    left = chunk.valueCount
  }

  /// The levels of the next entry; nil behind the last one.
  mutating func peek() throws(GraftError) -> (definition: Int, repetition: Int)? {
    while entry == entryCount {
      guard left > 0 else { return nil }
      try readPage()
    }
    return (
      definitions.isEmpty ? node.definition : Int(definitions[entry]), repetitions.isEmpty ? 0 : Int(repetitions[entry])
    )
  }

  /// Goes past the next entry and appends its value; nothing if it has none.
  mutating func next(into text: inout [UInt8]) throws(GraftError) {
    guard let levels = try peek() else { throw damage("has fewer values than rows") }
    entry += 1
    guard levels.definition == node.definition else { return }
    guard value < values.count else { throw damage("has fewer values than it says") }
    values.append(value, to: &text)
    value += 1
  }

  private func damage(_ reason: String) -> GraftError {
    .damagedParquet("column '\(leaf.path)' \(reason)", path: path)
  }

  // MARK: Pages

  private mutating func readPage() throws(GraftError) {
    var reader = ThriftReader(bytes: pages)
    let head = try reader.structure()
    pages = reader.bytes
    guard let size = head[2]?.integer, let stored = head[3]?.integer, (0...Self.largestPage).contains(size) else {
      throw damage("has a page without a size")
    }
    let bytes = try pages.take(stored)
    switch head[1]?.integer {
    case 0: try readData(head[5], bytes, size)
    case 2: try readDictionary(head[7], bytes, size)
    case 3: try readSecondData(head[8], bytes, size)
    default: break
    }
  }

  private mutating func readDictionary(
    _ head: ThriftValue?, _ bytes: UnsafeRawBufferPointer, _ size: Int
  ) throws(GraftError) {
    let count = try valueCount(head?[1])
    let text = try codec.text(of: bytes, size: size, path: path)
    try within(text) { (column, bytes) throws(GraftError) in
      column.dictionary = try column.plain(&bytes, count: count)
    }
  }

  /// Levels and values of the first form are compressed together, and the levels have their length before them.
  private mutating func readData(
    _ head: ThriftValue?, _ bytes: UnsafeRawBufferPointer, _ size: Int
  ) throws(GraftError) {
    let count = try entries(head?[1])
    let text = try codec.text(of: bytes, size: size, path: path)
    try within(text) { (column, bytes) throws(GraftError) in
      column.repetitions = try column.levels(
        &bytes, count, greatest: column.node.repetition, encoding: head?[4]?.integer)
      column.definitions = try column.levels(
        &bytes, count, greatest: column.node.definition, encoding: head?[3]?.integer)
      column.values = try column.decoded(&bytes, encoding: head?[2]?.integer, entries: count)
    }
  }

  /// The levels of the second form stand before what is compressed.
  private mutating func readSecondData(
    _ head: ThriftValue?, _ bytes: UnsafeRawBufferPointer, _ size: Int
  ) throws(GraftError) {
    let count = try entries(head?[1])
    guard let repetitionSize = head?[6]?.integer, let definitionSize = head?[5]?.integer,
      repetitionSize >= 0, definitionSize >= 0, repetitionSize + definitionSize <= min(bytes.count, size)
    else { throw damage("has a page without levels") }
    var all = ParquetBytes(bytes, path: path)
    var part = ParquetBytes(try all.take(repetitionSize), path: path)
    repetitions = node.repetition > 0 ? try part.runs(count, bits: Self.bits(node.repetition)) : []
    part = ParquetBytes(try all.take(definitionSize), path: path)
    definitions = node.definition > 0 ? try part.runs(count, bits: Self.bits(node.definition)) : []
    let isCompressed = head?[7]?.boolean ?? true
    let text = try (isCompressed && all.count > 0 ? codec : .none).text(
      of: all.rest, size: size - repetitionSize - definitionSize, path: path)
    try within(text) { (column, bytes) throws(GraftError) in
      column.values = try column.decoded(&bytes, encoding: head?[4]?.integer, entries: count)
    }
  }

  private mutating func within(
    _ text: [UInt8], _ body: (inout ParquetColumn, inout ParquetBytes) throws(GraftError) -> Void
  ) throws(GraftError) {
    var failure: GraftError?
    text.withUnsafeBytes { buffer in
      var bytes = ParquetBytes(buffer, path: path)
      do throws(GraftError) { try body(&self, &bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func valueCount(_ value: ThriftValue?) throws(GraftError) -> Int {
    guard let count = value?.integer, (0...Self.mostValues).contains(count) else {
      throw damage("has a page of \(value?.integer.map(String.init) ?? "no") values")
    }
    return count
  }

  private mutating func entries(_ value: ThriftValue?) throws(GraftError) -> Int {
    let count = try valueCount(value)
    guard count <= left else { throw damage("has more values than it says") }
    left -= count
    (entry, self.value, entryCount) = (0, 0, count)
    return count
  }

  // MARK: Levels

  private static func bits(_ greatest: Int) -> Int { Int.bitWidth - greatest.leadingZeroBitCount }

  private func levels(
    _ bytes: inout ParquetBytes, _ count: Int, greatest: Int, encoding: Int?
  ) throws(GraftError) -> [UInt32] {
    guard greatest > 0 else { return [] }
    guard encoding != 4 else { throw .foreignParquet("levels in the form that was given up in 2013", path: path) }
    var part = ParquetBytes(try bytes.take(Int(try bytes.fixed(UInt32.self))), path: path)
    return try part.runs(count, bits: Self.bits(greatest))
  }

  // MARK: Values

  private mutating func decoded(
    _ bytes: inout ParquetBytes, encoding: Int?, entries: Int
  ) throws(GraftError) -> ParquetValues {
    let count = definitions.isEmpty ? entries : definitions.reduce(0) { $0 + (Int($1) == node.definition ? 1 : 0) }
    guard count > 0 else { return ParquetValues() }
    switch encoding {
    case 0: return try plain(&bytes, count: count)
    case 2, 8:
      guard let dictionary else { throw damage("has no dictionary") }
      let bits = Int(try bytes.byte())
      let indices = try bytes.runs(count, bits: bits)
      guard indices.allSatisfy({ Int($0) < dictionary.count }) else {
        throw damage("has values outside its dictionary")
      }
      return dictionary.chosen(indices)
    case 3 where leaf.physicalType == 0:
      _ = try bytes.fixed(UInt32.self)
      return try rendered(count: count, Array(try bytes.runs(count, bits: 1).map { UInt8($0 & 1) }))
    case 5 where leaf.physicalType == 1 || leaf.physicalType == 2:
      let isShort = leaf.physicalType == 1
      return try values(count, try bytes.deltas(atMost: count)) { number, renderer, text in
        // Differences of 32 bits wrap around in them.
        let value = isShort ? Int64(Int32(truncatingIfNeeded: number)) : number
        renderer.integer(value, bits: isShort ? 32 : 64, to: &text)
      }
    case 6 where leaf.physicalType == 6:
      let lengths = try bytes.deltas(atMost: count)
      return try strings(&bytes, count, prefixes: nil, lengths)
    case 7 where leaf.physicalType == 6 || leaf.physicalType == 7:
      let prefixes = try bytes.deltas(atMost: count)
      let lengths = try bytes.deltas(atMost: count)
      return try strings(&bytes, count, prefixes: prefixes, lengths)
    case 9:
      var result = ParquetValues()
      try within(try joined(&bytes, count)) { (column, bytes) throws(GraftError) in
        result = try column.plain(&bytes, count: count)
      }
      return result
    default:
      throw .foreignParquet("column '\(leaf.path)' in encoding \(encoding.map(String.init) ?? "none")", path: path)
    }
  }

  /// The bytes of numbers that lie apart, the first ones of all together (BYTE_STREAM_SPLIT), put together again.
  private func joined(_ bytes: inout ParquetBytes, _ count: Int) throws(GraftError) -> [UInt8] {
    let size = [1: 4, 2: 8, 4: 4, 5: 8, 7: leaf.length][leaf.physicalType] ?? 0
    guard size > 0, size <= 1 << 16 else { throw damage("cannot be split by bytes") }
    let source = try bytes.take(count * size)
    var result = [UInt8](repeating: 0, count: count * size)
    for place in 0..<size {
      for index in 0..<count { result[index * size + place] = source[place * count + index] }
    }
    return result
  }

  /// Texts whose lengths, and perhaps what they share with the one before, stand before them.
  private mutating func strings(
    _ bytes: inout ParquetBytes, _ count: Int, prefixes: [Int64]?, _ lengths: [Int64]
  ) throws(GraftError) -> ParquetValues {
    guard lengths.count == count, prefixes.map({ $0.count == count }) ?? true else {
      throw damage("has \(lengths.count) lengths for \(count) values")
    }
    var renderer = ParquetRenderer(leaf)
    var result = ParquetValues()
    var last: [UInt8] = []
    for index in 0..<count {
      let shared = prefixes.map { Int($0[index]) } ?? 0
      guard shared >= 0, shared <= last.count else { throw damage("shares more than there is") }
      last.removeSubrange(shared...)
      last.append(contentsOf: try bytes.take(Int(lengths[index])))
      result.add { text in last.withUnsafeBytes { renderer.bytes($0, to: &text) } }
    }
    hasBytes = hasBytes || renderer.hasBytes
    return result
  }

  private mutating func values<Element>(
    _ count: Int, _ elements: [Element], _ render: (Element, inout ParquetRenderer, inout [UInt8]) -> Void
  ) throws(GraftError) -> ParquetValues {
    guard elements.count == count else { throw damage("has \(elements.count) values of \(count)") }
    var renderer = ParquetRenderer(leaf)
    var result = ParquetValues()
    for element in elements { result.add { render(element, &renderer, &$0) } }
    return result
  }

  private mutating func rendered(count: Int, _ booleans: [UInt8]) throws(GraftError) -> ParquetValues {
    try values(count, booleans) { $1.boolean($0 != 0, to: &$2) }
  }

  /// Values one behind the other (PLAIN).
  private mutating func plain(_ bytes: inout ParquetBytes, count: Int) throws(GraftError) -> ParquetValues {
    if leaf.physicalType == 0 {
      return try rendered(count: count, try bytes.packed(count, bits: 1).map { UInt8($0) })
    }
    var result = ParquetValues()
    var renderer = ParquetRenderer(leaf)
    for _ in 0..<count {
      switch leaf.physicalType {
      case 1:
        let value = Int64(try bytes.fixed(Int32.self))
        result.add { renderer.integer(value, bits: 32, to: &$0) }
      case 2:
        let value = try bytes.fixed(Int64.self)
        result.add { renderer.integer(value, bits: 64, to: &$0) }
      case 3:
        let (nanoseconds, day) = (try bytes.fixed(Int64.self), try bytes.fixed(Int32.self))
        let value = (Int64(day) - 2_440_588) &* 86_400_000_000_000 &+ nanoseconds
        result.add { renderer.integer(value, bits: 64, to: &$0) }
      case 4:
        let value = Float(bitPattern: try bytes.fixed(UInt32.self))
        result.add { renderer.number(value, to: &$0) }
      case 5:
        let value = Double(bitPattern: try bytes.fixed(UInt64.self))
        result.add { renderer.number(value, to: &$0) }
      default:
        let size = leaf.physicalType == 6 ? Int(try bytes.fixed(UInt32.self)) : leaf.length
        let value = try bytes.take(size)
        result.add { renderer.bytes(value, to: &$0) }
      }
    }
    hasBytes = hasBytes || renderer.hasBytes
    return result
  }
}

/// The rows of a Parquet file as JSON lines: an object for each, with a member for each column, null where there is no
/// value; groups of columns are objects, lists arrays. Pages of the first and the second form, all encodings but that
/// of levels which was given up in 2013, and Snappy, gzip, Zstandard, LZ4 and Brotli are read.
///
/// Dates and times are the numbers that the file has for them; bytes that are no text are null.
///
/// Source: the specification at https://github.com/apache/parquet-format.
/// Memory: a page of every column.
public struct ParquetRows {
  private let file: MappedFile
  private let footer: ParquetFooter
  private var group = -1
  private var columns: [ParquetColumn] = []
  private var rowsLeft = 0
  private var finishedRows = 0

  /// True if the bytes begin as Parquet does.
  public static func isParquet(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 8 && bytes.prefix(4).elementsEqual(ParquetFooter.mark) && bytes[4] < 0x20
  }

  /// - Throws: `.badData` for damage and for what is not read.
  public init(_ file: MappedFile) throws(GraftError) {
    self.file = file
    footer = try ParquetFooter(file)
  }

  /// Of columns whose numbers stand for classes, the names of these, where the library `datasets` wrote them.
  public var classNames: [String: [String]] { footer.classNames }

  /// How much has been read, 0 to 1.
  public var fractionRead: Double {
    let all = footer.groups.reduce(0) { $0 + $1.rowCount }
    return all == 0 ? 1 : Double(finishedRows) / Double(all)
  }

  /// Appends rows until about `limit` bytes are there. False at the end.
  public mutating func read(into text: inout [UInt8], limit: Int) throws(GraftError) -> Bool {
    let start = text.count
    while text.count - start < limit {
      guard rowsLeft > 0 else {
        guard try nextGroup() else { break }
        continue
      }
      try object(footer.root, to: &text)
      text.append(0x0A)
      rowsLeft -= 1
      finishedRows += 1
    }
    return text.count > start
  }

  private mutating func nextGroup() throws(GraftError) -> Bool {
    for column in columns where column.hasBytes {
      Notices.post("\(file.path): column '\(column.leaf.path)' holds bytes that are no text; they are read as null")
    }
    guard group + 1 < footer.groups.count else { return false }
    if group >= 0 { for chunk in footer.groups[group].chunks { file.release(chunk.range) } }
    group += 1
    rowsLeft = footer.groups[group].rowCount
    columns = zip(footer.root.leaves, footer.groups[group].chunks).map { ParquetColumn($0.leaf, $0.node, $1, of: file) }
    return true
  }

  // MARK: Assembly

  /// What stands below a node that is there.
  private mutating func content(_ node: ParquetNode, to text: inout [UInt8]) throws(GraftError) {
    if let leaf = node.leaf {
      try columns[leaf.index].next(into: &text)
    } else if node.isList {
      // The repeated group is a means of the format: what people mean is its one child, where it has one.
      try list(node.children[0], to: &text)
    } else {
      try object(node, to: &text)
    }
  }

  private mutating func object(_ node: ParquetNode, to text: inout [UInt8]) throws(GraftError) {
    text.append(UInt8(ascii: "{"))
    for (index, child) in node.children.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      ParquetRenderer.quote(child.name.utf8, to: &text)
      text.append(UInt8(ascii: ":"))
      if child.isRepeated { try list(child, to: &text) } else { try value(child, to: &text) }
    }
    text.append(UInt8(ascii: "}"))
  }

  private mutating func value(_ node: ParquetNode, to text: inout [UInt8]) throws(GraftError) {
    if node.isOptional, try level(node).definition < node.definition {
      try skip(node)
      text.append(contentsOf: "null".utf8)
    } else {
      try content(node, to: &text)
    }
  }

  private mutating func list(_ node: ParquetNode, to text: inout [UInt8]) throws(GraftError) {
    text.append(UInt8(ascii: "["))
    if try level(node).definition < node.definition {
      try skip(node)
    } else {
      while true {
        try element(node, to: &text)
        guard let next = try first(node)?.repetition, next >= node.repetition else { break }
        guard next == node.repetition else {
          throw .damagedParquet("a list goes on inside what is no list", path: file.path)
        }
        text.append(UInt8(ascii: ","))
      }
    }
    text.append(UInt8(ascii: "]"))
  }

  private mutating func element(_ node: ParquetNode, to text: inout [UInt8]) throws(GraftError) {
    // A repeated group of one is the frame of a list's elements, save where writers of before 2014 meant a record.
    if node.leaf == nil, node.children.count == 1, let child = node.children.first, !child.isRepeated,
      node.name != "array", !node.name.hasSuffix("_tuple")
    {
      try value(child, to: &text)
    } else {
      try content(node, to: &text)
    }
  }

  private mutating func first(_ node: ParquetNode) throws(GraftError) -> (definition: Int, repetition: Int)? {
    try columns[node.columns.lowerBound].peek()
  }

  private mutating func level(_ node: ParquetNode) throws(GraftError) -> (definition: Int, repetition: Int) {
    guard let levels = try first(node) else {
      throw .damagedParquet("'\(node.name)' has fewer values than rows", path: file.path)
    }
    return levels
  }

  /// Goes past the entry that every column below has for what is not there.
  private mutating func skip(_ node: ParquetNode) throws(GraftError) {
    var nothing: [UInt8] = []
    for column in node.columns { try columns[column].next(into: &nothing) }
  }
}

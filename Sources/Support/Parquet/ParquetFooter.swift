/// What the end of a Parquet file says of it.
struct ParquetFooter {
  /// A column within a group of rows.
  struct Chunk {
    var codec: ParquetCodec
    var valueCount: Int
    /// Of its pages in the file, that of the dictionary first.
    var range: Range<Int>
  }

  struct RowGroup {
    var rowCount: Int
    /// In the order of the schema's columns.
    var chunks: [Chunk]
  }

  static let mark = Array("PAR1".utf8)

  let root: ParquetNode
  let groups: [RowGroup]
  /// What the names of a column's numbers are, where the writer was the library `datasets`.
  let classNames: [String: [String]]

  /// - Throws: `.badData` for damage, for encrypted files, for columns in files of their own and for what is compressed
  ///   in a way that is not known.
  init(_ file: MappedFile) throws(GraftError) {
    let (bytes, path) = (file.bytes, file.path)
    guard bytes.count >= 12, bytes.suffix(4).elementsEqual(Self.mark) else {
      if bytes.count >= 12, bytes.suffix(4).elementsEqual("PARE".utf8) {
        throw .foreignParquet("encrypted columns", path: path)
      }
      throw .damagedParquet("it does not end as Parquet does; is it cut short?", path: path)
    }
    let size = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt32.self)))
    guard size <= bytes.count - 12 else { throw .damagedParquet("its footer is longer than the file", path: path) }
    let end = bytes.count - 8
    var reader = ThriftReader(
      bytes: ParquetBytes(UnsafeRawBufferPointer(rebasing: bytes[(end - size)..<end]), path: path))
    let footer = try reader.structure()
    root = try ParquetNode.root(of: footer[2]?.list ?? [], path: path)
    let leaves = root.leaves.map(\.leaf)
    var groups: [RowGroup] = []
    for group in footer[4]?.list ?? [] {
      let columns = group[1]?.list ?? []
      guard let rows = group[3]?.integer, rows >= 0, columns.count == leaves.count else {
        throw .damagedParquet("a group of rows has \(columns.count) columns of \(leaves.count)", path: path)
      }
      var chunks: [Chunk] = []
      for (column, leaf) in zip(columns, leaves) {
        chunks.append(try Self.chunk(column, leaf, before: end - size, path))
      }
      groups.append(RowGroup(rowCount: rows, chunks: chunks))
    }
    self.groups = groups
    classNames = Self.classNames(footer[5]?.list ?? [])
  }

  private static func chunk(
    _ column: ThriftValue, _ leaf: ParquetNode.Leaf, before end: Int, _ path: String
  ) throws(GraftError) -> Chunk {
    guard column[1] == nil else { throw .foreignParquet("columns in files of their own", path: path) }
    guard column[8] == nil, let data = column[3] else { throw .foreignParquet("encrypted columns", path: path) }
    guard let count = data[5]?.integer, let size = data[7]?.integer, let pages = data[9]?.integer,
      count >= 0, size >= 0
    else { throw .damagedParquet("column '\(leaf.path)' has no place", path: path) }
    guard let codec = ParquetCodec(rawValue: data[4]?.integer ?? 0) else {
      throw .foreignParquet("columns compressed with LZO or the old LZ4", path: path)
    }
    // Some writers have 0 for no dictionary.
    let start = data[11]?.integer.map { $0 > 0 ? min($0, pages) : pages } ?? pages
    guard start >= 4, start <= end, size <= end - start else {
      throw .damagedParquet("column '\(leaf.path)' lies outside the file", path: path)
    }
    return Chunk(codec: codec, valueCount: count, range: start..<(start + size))
  }

  /// Of the JSON that `datasets` writes beside the columns: `info`, `features`, the column, `names`.
  private static func classNames(_ pairs: [ThriftValue]) -> [String: [String]] {
    var found: [String: [String]] = [:]
    for pair in pairs where pair[1]?.text == "huggingface" {
      guard case .binary(let text)? = pair[2], let description = try? JSONValue(parsing: text),
        case .object(let features)? = description.member("info")?.member("features")?.kind
      else { continue }
      for (column, feature) in features {
        guard case .array(let names)? = feature.member("names")?.kind else { continue }
        found[column] = names.compactMap { if case .string(let name) = $0.kind { name } else { nil } }
      }
    }
    return found
  }
}

extension JSONValue {
  /// Of an object; nil for any other value.
  fileprivate func member(_ name: String) -> JSONValue? {
    guard case .object(let members) = kind else { return nil }
    return members.first { $0.key.isExactly(name) }?.value
  }
}

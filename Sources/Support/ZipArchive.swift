/// The members of a ZIP archive (PKWARE's APPNOTE), stored or deflated, for data sets that are published so. Neither
/// encryption nor ZIP64.
///
/// Worked example: an archive of one deflated file `WiC/train.jsonl` gives that member for the name `WiC/train.jsonl`,
/// and for `train.jsonl`; `gzip(of:)` are its deflated bytes between the header and the trailer of gzip.
public struct ZipArchive: Sendable {
  /// A file in an archive.
  public struct Member: Sendable, Hashable {
    /// With folders, `/` between them.
    public var name: String
    /// In bytes, uncompressed.
    public var size: Int
    fileprivate var method: Int
    fileprivate var checksum: Int
    fileprivate var compressedSize: Int
    fileprivate var offset: Int
  }

  private let file: MappedFile
  /// The files of the archive, folders left out, in its order.
  public let members: [Member]

  private static let entrySignature = 0x0201_4B50
  private static let localSignature = 0x0403_4B50
  private static let endSignature = 0x0605_4B50

  /// - Throws: `.missingInput`, `.inputOutput`, `.badData` for what is no ZIP archive or is damaged.
  public init(_ path: String) throws(GraftError) {
    file = try MappedFile(path)
    guard let members = Self.members(file.bytes) else {
      throw GraftError(.badData, "'\(path)' is no ZIP archive, or is damaged", hint: "fetch it again.")
    }
    self.members = members
  }

  /// A little-endian number; nil beyond the end.
  private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  /// By the directory at the end; nil for bytes that have none.
  private static func members(_ bytes: UnsafeRawBufferPointer) -> [Member]? {
    func field(_ offset: Int, _ count: Int) -> Int? { number(bytes, at: offset, count) }
    // Behind the end record stands a comment of at most 65,535 bytes.
    let lowest = max(0, bytes.count - 22 - 0xFFFF)
    guard bytes.count >= 22,
      let end = (lowest...bytes.count - 22).last(where: { field($0, 4) == endSignature }),
      let count = field(end + 10, 2), var place = field(end + 16, 4)
    else { return nil }
    var members: [Member] = []
    for _ in 0..<count {
      guard field(place, 4) == entrySignature, let method = field(place + 10, 2), let checksum = field(place + 16, 4),
        let compressed = field(place + 20, 4), let size = field(place + 24, 4), let name = field(place + 28, 2),
        let extra = field(place + 30, 2), let comment = field(place + 32, 2), let offset = field(place + 42, 4),
        place + 46 + name <= bytes.count
      else { return nil }
      let text = String(decoding: bytes[place + 46..<place + 46 + name], as: UTF8.self)
      if !text.hasSuffix("/") {
        members.append(
          Member(
            name: text, size: size, method: method, checksum: checksum, compressedSize: compressed, offset: offset))
      }
      place += 46 + name + extra + comment
    }
    return members
  }

  /// The member of a name, or the only one whose path ends in it.
  /// - Throws: `.badData` if there is none, or if there are several.
  public func member(_ name: String) throws(GraftError) -> Member {
    if let member = members.first(where: { $0.name.isExactly(name) }) { return member }
    let ending = members.filter { $0.name.hasSuffix("/" + name) && !$0.name.hasPrefix("__MACOSX/") }
    guard ending.count == 1 else {
      throw GraftError(
        .badData, "the archive '\(file.path)' has \(ending.isEmpty ? "no" : "several") '\(name)'",
        hint: "it has: \(members.prefix(12).map(\.name).joined(separator: ", ")).")
    }
    return ending[0]
  }

  /// A member as a gzip file.
  /// - Throws: `.badData` for a method other than deflate, or a place beyond the archive.
  public func gzip(of member: Member) throws(GraftError) -> [UInt8] {
    let bytes = file.bytes
    guard member.method == 8 || member.method == 0,
      Self.number(bytes, at: member.offset, 4) == Self.localSignature,
      let name = Self.number(bytes, at: member.offset + 26, 2),
      let extra = Self.number(bytes, at: member.offset + 28, 2),
      member.offset + 30 + name + extra <= bytes.count - member.compressedSize
    else {
      throw GraftError(
        .badData, "'\(member.name)' of '\(file.path)' cannot be read (method \(member.method))",
        hint: "unpack the archive by hand.")
    }
    let start = member.offset + 30 + name + extra
    let content = bytes[start..<start + member.compressedSize]
    func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    result.reserveCapacity(content.count + 64)
    if member.method == 8 {
      result += content
    } else {
      // Blocks of at most 65,535 bytes as they are (RFC 1951, section 3.2.4).
      var rest = content
      repeat {
        let block = rest.prefix(0xFFFF)
        rest = rest.dropFirst(block.count)
        result.append(rest.isEmpty ? 1 : 0)
        result += littleEndian(block.count, 2) + littleEndian(~block.count, 2)
        result += block
      } while !rest.isEmpty
    }
    return result + littleEndian(member.checksum, 4) + littleEndian(member.size, 4)
  }
}

import Support

/// The SHA-256 of data files as published, from `checksums.txt` beside task definitions: a line per file, hash, two
/// spaces, and the path below the data folder. Hashes are of the text, compression undone, and names lack `.gz`.
public struct DataChecksums: Sendable {
  /// The file's name in a folder of definitions.
  public static let fileName = "checksums.txt"

  private var hashes: [String: String] = [:]

  /// Reads the file in each folder that has one.
  ///
  /// - Throws: `.badData` with the line that is not of the form.
  public init(directories: [String]) throws(GraftError) {
    for line in try DataListLine.all(of: Self.fileName, in: directories) {
      let parts = line.text.split(separator: "  ", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].count == 64, parts[0].allSatisfy(\.isHexDigit) else {
        throw GraftError(
          .badData, "not a SHA-256 and a path with two spaces between them", location: line.location)
      }
      hashes[parts[1]] = parts[0].lowercased()
    }
  }

  /// What is known and found of one file.
  public enum State: String, Sendable {
    /// The hash is the published one.
    case asPublished = "ok"
    /// The hash is another.
    case other = "differs"
    /// There is no such file.
    case absent
    /// There is no published hash.
    case unlisted
  }

  /// - Parameter file: relative to the data folder.
  /// - Throws: `.badData` for damaged compression, `.inputOutput` for a file that cannot be read.
  public func state(of file: String, in root: DataRoot) throws(GraftError) -> State {
    let path: String
    do throws(GraftError) {
      path = try root.file(file)
    } catch {
      guard root.path != nil else { throw error }
      return .absent
    }
    guard let expected = hash(of: file) else { return .unlisted }
    return try Self.hash(ofText: path) == expected ? .asPublished : .other
  }

  /// The name under which a file is listed.
  public static func name(of file: String) -> String { file.hasSuffix(".gz") ? String(file.dropLast(3)) : file }

  /// The published hash of a file's text; nil if none is listed.
  public func hash(of file: String) -> String? { hashes[Self.name(of: file)] }

  /// The SHA-256 of what a file holds, compression undone, read piece by piece.
  /// - Throws: `.badData` for damaged compression, `.missingInput`, `.inputOutput`.
  public static func hash(ofText path: String) throws(GraftError) -> String {
    let file = try MappedFile(path)
    guard GzipInflater.isGzip(file.bytes) else { return try ContentHash.ofFile(path) }
    let inflater = try GzipInflater(file.bytes, path: path)
    var hash = ContentHash()
    var piece: [UInt8] = []
    while try inflater.read(into: &piece, limit: 1 << 20) {
      hash.update(piece)
      piece.removeAll(keepingCapacity: true)
    }
    return hash.hexadecimal()
  }
}

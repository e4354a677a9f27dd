import Support

/// Where data files are published, from `addresses.txt` beside task definitions: a line per file with the path below
/// the data folder, without `.gz`, the published file's size in bytes or `-` where that is not known, and its address,
/// two spaces between them. Of an archive, `!` and the member follow the address. Lines that begin with `#` are notes.
///
/// Worked example: `wic/train.jsonl  -  https://example.org/WiC.zip!WiC/train.jsonl`.
public struct DataAddresses: Sendable {
  /// The file's name in a folder of definitions.
  public static let fileName = "addresses.txt"

  /// Where one file is published.
  public struct Address: Sendable, Hashable {
    /// Of the file, or of the archive it is in.
    public var url: String
    /// Its name in a ZIP archive; nil for a file of its own.
    public var member: String?
    /// Of what the address gives, in bytes; nil if it is not known.
    public var size: Int?

    /// - Parameter member: in a ZIP archive; nil for a file of its own.
    public init(url: String, member: String? = nil, size: Int? = nil) {
      (self.url, self.member, self.size) = (url, member, size)
    }
  }

  private var addresses: [String: Address] = [:]

  /// Reads the file in each folder that has one.
  /// - Throws: `.badData` with the line that is not of the form.
  public init(directories: [String]) throws(GraftError) {
    for line in try DataListLine.all(of: Self.fileName, in: directories) where !line.text.hasPrefix("#") {
      let parts = line.text.split(separator: "  ", maxSplits: 2).map(String.init)
      guard parts.count == 3, parts[1] == "-" || Int(parts[1]).map({ $0 >= 0 }) == true, Self.isSafe(parts[0]),
        parts[2].hasPrefix("https://") || parts[2].hasPrefix("http://")
      else {
        throw GraftError(
          .badData, "not a path, a size or '-', and an address with two spaces between them", location: line.location)
      }
      let place = parts[2].split(separator: "!", maxSplits: 1).map(String.init)
      addresses[parts[0]] = Address(url: place[0], member: place.count > 1 ? place[1] : nil, size: Int(parts[1]))
    }
  }

  /// Whether a path stays below the data folder.
  private static func isSafe(_ path: String) -> Bool {
    !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }

  /// - Parameter file: relative to the data folder, with or without `.gz`.
  public subscript(file: String) -> Address? { addresses[DataChecksums.name(of: file)] }
}

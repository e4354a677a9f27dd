import Foundation
import Support
import TaskRegistry

/// Brings data files to the data folder: from where they are published, or from a mirror. A file appears whole and
/// verified, or not at all.
public struct DataFetch {
  /// What was fetched whose hash is not known beforehand, and everything else, in `fetched.json` of the data folder.
  struct Record: Codable {
    struct File: Codable {
      /// Of the file, or of its archive.
      var source: String
      /// Of the text, compression undone.
      var sha256: String
      /// Whether that was known beforehand; otherwise the first fetch is trusted, and later ones must agree with it.
      var verified: Bool
    }
    var files: [String: File] = [:]
  }

  /// How a file can be had and checked.
  public struct Item: Sendable {
    /// Below the data folder, without `.gz`.
    public var file: String
    /// nil where no address is known.
    public var address: DataAddresses.Address?
    /// What is there already.
    public var state: DataChecksums.State
    /// The SHA-256 of the text that it must have, published or of an earlier fetch; nil if none is known.
    public var hash: String?
  }

  /// The name of the record in the data folder.
  public static let recordName = "fetched.json"

  private let folder: String
  private let checksums: DataChecksums
  private let addresses: DataAddresses
  private let root: DataRoot
  /// A folder or an address whose layout is that of the data folder; nil for where files are published.
  private let mirror: String?
  private let stop: StopRequest
  private let progress: (_ file: String, _ bytes: Int, _ size: Int?) -> Void
  private var record = Record()

  /// - Throws: `.usage` without a data folder, `.badData` for a damaged record.
  public init(
    to root: DataRoot, _ checksums: DataChecksums, _ addresses: DataAddresses, mirror: String? = nil, stop: StopRequest,
    progress: @escaping (_ file: String, _ bytes: Int, _ size: Int?) -> Void
  ) throws(GraftError) {
    guard let folder = root.path else {
      throw GraftError(
        .usage, "no data folder is given",
        hint: "name it with `data:` DIR or in the environment variable \(DataRoot.environmentVariable).")
    }
    (self.folder, self.root, self.checksums, self.addresses) = (folder, root, checksums, addresses)
    (self.mirror, self.stop, self.progress) = (mirror, stop, progress)
    let path = Paths.join(folder, Self.recordName)
    if FileContents.exists(path) { record = try JSONFile.read(Record.self, from: path) }
  }

  private var isMirrored: Bool { mirror != nil }

  /// - Throws: `.badData` for damaged compression, `.inputOutput` for a file that cannot be read.
  public func item(_ file: String) throws(GraftError) -> Item {
    let name = DataChecksums.name(of: file)
    return Item(
      file: name, address: addresses[name], state: try checksums.state(of: name, in: root),
      hash: checksums.hash(of: name) ?? record.files[name]?.sha256)
  }

  /// Whether a file is absent, and it is known where to fetch it.
  public func canFetch(_ item: Item) -> Bool { item.state == .absent && (isMirrored || item.address != nil) }

  /// Fetches what is absent. Each file that comes is said to `told` with whether its hash was known.
  /// - Throws: what the first file that fails throws; those before it are there, those after it are not tried.
  public mutating func fetch(_ items: [Item], told: (_ file: String, _ isVerified: Bool) -> Void) throws(GraftError) {
    let absent = items.filter(canFetch)
    try makeFolder(folder)
    var archives: [String: String] = [:]
    let progress = progress
    defer { for path in archives.values { unlink(path) } }
    for item in absent {
      let target = Paths.join(folder, item.file)
      try makeFolder(Paths.parent(of: target))
      let source = try source(of: item)
      if let member = source.member {
        if archives[source.url] == nil {
          let path = Paths.join(Paths.parent(of: target), Paths.name(of: source.url)) + ".part"
          let lock = try lock(path)
          defer { close(lock) }
          try Download(url: source.url, partial: path, size: source.size, stop: stop) {
            progress(item.file, $0, source.size)
          }
          .run()
          archives[source.url] = path
        }
        let archive = try ZipArchive(archives[source.url] ?? "")
        let content = try archive.gzip(of: archive.member(member))
        let partial = target + ".gz.part"
        try AtomicFile.write(Data(content), to: partial)
        try settle(partial, at: target + ".gz", item, from: "\(source.url)!\(member)", told)
      } else {
        try fetch(item, source, target, told)
      }
    }
  }

  private func source(of item: Item) throws(GraftError) -> DataAddresses.Address {
    if let mirror {
      let base = mirror.hasSuffix("/") ? String(mirror.dropLast()) : mirror
      return DataAddresses.Address(url: "\(base)/\(item.file)")
    }
    guard let address = item.address else {
      throw GraftError(.missingInput, "no address is known of '\(item.file)'", hint: "name a mirror with `from:`.")
    }
    return address
  }

  private mutating func fetch(
    _ item: Item, _ source: DataAddresses.Address, _ target: String, _ told: (String, Bool) -> Void
  ) throws(GraftError) {
    let isRemote = source.url.hasPrefix("http://") || source.url.hasPrefix("https://")
    guard isRemote else {
      // A folder that holds the same, compressed or not.
      let path = try DataRoot(mirror ?? "").file(item.file)
      let ending = path.hasSuffix(".gz") ? ".gz" : ""
      let partial = target + ending + ".part"
      let lock = try lock(partial)
      defer { close(lock) }
      try AtomicFile.write(Data(try MappedFile(path).data()), to: partial)
      return try settle(partial, at: target + ending, item, from: path, told)
    }
    let spellings = isMirrored ? [source.url, source.url + ".gz"] : [source.url]
    for (index, url) in spellings.enumerated() {
      let ending = url.hasSuffix(".gz") ? ".gz" : ""
      let partial = target + ending + ".part"
      let lock = try lock(partial)
      defer { close(lock) }
      do throws(GraftError) {
        try download(item, url, size: source.size, partial, target + ending, told)
        return
      } catch {
        var status = stat()
        let isEmpty = stat(partial, &status) == 0 && status.st_size == 0
        if isEmpty || error.code == .badData { unlink(partial) }
        guard error.code == .missingInput, index + 1 < spellings.count else { throw error }
      }
    }
  }

  /// A file that was gone on with and is then not the right one is fetched once more from its beginning: what came
  /// before may have been of another file.
  private mutating func download(
    _ item: Item, _ url: String, size: Int?, _ partial: String, _ target: String, _ told: (String, Bool) -> Void
  ) throws(GraftError) {
    var status = stat()
    let isResumed = stat(partial, &status) == 0 && status.st_size > 0
    let progress = progress
    let download = Download(url: url, partial: partial, size: size, stop: stop) { progress(item.file, $0, size) }
    try download.run()
    do throws(GraftError) {
      try settle(partial, at: target, item, from: url, told)
    } catch {
      guard isResumed, error.code == .badData else { throw error }
      try download.run()
      try settle(partial, at: target, item, from: url, told)
    }
  }

  /// Nobody else may fill the same file meanwhile.
  private func lock(_ path: String) throws(GraftError) -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .systemCall("create", path: path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw GraftError(.inputOutput, "'\(path)' is being fetched by another process", hint: "wait for it to end.")
    }
    return descriptor
  }

  /// Verifies a partial file and gives it its name, or removes it.
  private mutating func settle(
    _ partial: String, at target: String, _ item: Item, from source: String, _ told: (String, Bool) -> Void
  ) throws(GraftError) {
    let found: String
    do throws(GraftError) {
      found = try DataChecksums.hash(ofText: partial)
    } catch {
      unlink(partial)
      throw error
    }
    if let hash = item.hash, hash != found {
      unlink(partial)
      let known = checksums.hash(of: item.file) != nil ? "published" : "fetched before"
      throw GraftError(
        .badData, "'\(source)' is not '\(item.file)' as \(known): its SHA-256 is \(found), not \(hash)",
        hint: "nothing was kept of it; name a mirror with `from:`.")
    }
    let descriptor = open(partial, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .systemCall("open", path: partial) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .systemCall("sync", path: partial) }
    guard rename(partial, target) == 0 else { throw .systemCall("rename", path: partial) }
    AtomicFile.syncFolder(of: target)
    let isVerified = checksums.hash(of: item.file) != nil
    record.files[item.file] = Record.File(source: source, sha256: found, verified: isVerified)
    try JSONFile.write(record, to: Paths.join(folder, Self.recordName))
    told(item.file, isVerified)
  }
}

import Foundation

/// Paths as POSIX reads them: bytes with slashes between the components. Foundation's own functions normalise, and
/// `deletingLastPathComponent` traps on a relative path of one character, hence none of them is used in `Sources`.
///
/// Worked example: `parent` and `name` of `runs/a/` are `runs` and `a`, of `a` they are `.` and `a`, of `/` both are
/// `/`.
public enum Paths {
  private static let slash = UInt8(ascii: "/")

  /// The folder that the last component stands in: `.` for a name alone, `/` for what is at the top.
  public static func parent(of path: String) -> String {
    var bytes = trimmed(path)
    guard let last = bytes.lastIndex(of: slash) else { return "." }
    bytes = bytes[..<last]
    while bytes.last == slash { bytes.removeLast() }
    return bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
  }

  /// The last component, trailing slashes aside; `/` for the top, empty for an empty path.
  public static func name(of path: String) -> String {
    let bytes = trimmed(path)
    guard bytes.count > 1 || bytes.first != slash else { return "/" }
    return String(decoding: bytes[(bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0)...], as: UTF8.self)
  }

  /// The last component without its ending: `a.tar` of `x/a.tar.gz`, and `.profile` of itself.
  public static func stem(of path: String) -> String {
    let name = name(of: path)
    let bytes = Array(name.utf8)
    guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < bytes.count else { return name }
    return String(decoding: bytes[..<dot], as: UTF8.self)
  }

  /// What a name means in a folder, whether it begins with a slash or not; the folders `` and `.` are left out.
  public static func join(_ folder: String, _ name: String) -> String {
    let name = Array(name.utf8.drop { $0 == slash })
    guard !folder.isEmpty, folder != "." else { return String(decoding: name, as: UTF8.self) }
    let folder = trimmed(folder)
    guard !name.isEmpty else { return String(decoding: folder, as: UTF8.self) }
    return String(decoding: folder.last == slash ? folder + name : folder + [slash] + name, as: UTF8.self)
  }

  /// Without components `.`, doubled and trailing slashes. `..` stays: what it leads to depends on links.
  public static func normalized(_ path: String) -> String {
    let isAbsolute = path.utf8.first == slash
    let parts = path.utf8.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
    let text = parts.map { String($0) ?? "" }.joined(separator: "/")
    if isAbsolute { return "/" + text }
    return text.isEmpty && !path.isEmpty ? "." : text
  }

  /// The path from the root: one that is relative begins at the working directory.
  public static func absolute(_ path: String) -> String {
    guard path.utf8.first != slash else { return normalized(path) }
    guard let buffer = getcwd(nil, 0) else { return normalized(path) }
    defer { free(buffer) }
    return normalized(String(cString: buffer) + "/" + path)
  }

  /// The path from the root without links and `..`; nil if nothing is there.
  public static func resolved(_ path: String) -> String? {
    guard let buffer = realpath(path, nil) else { return nil }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// Whether `path` is `folder` or lies in it, after links are followed as far as the path exists.
  public static func isWithin(_ path: String, _ folder: String) -> Bool {
    let (inner, outer) = (place(path), place(folder))
    return inner == outer || inner.utf8.starts(with: (outer == "/" ? outer : outer + "/").utf8)
  }

  /// As `resolved`, also for what is not there yet: the part that exists is resolved, the rest is kept.
  public static func place(_ path: String) -> String {
    var (above, below) = (absolute(path), [String]())
    while true {
      if let found = resolved(above) {
        return below.reversed().reduce(found) { join($0, $1) }
      }
      guard above != "/" else { return absolute(path) }
      below.append(name(of: above))
      above = parent(of: above)
    }
  }

  /// Whether a path leads to a folder.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What a path leads to; two paths of one file have the same. Nil if nothing is there.
  public static func identity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Bytes without trailing slashes, but for that of the top.
  private static func trimmed(_ path: String) -> ArraySlice<UInt8> {
    var bytes = Array(path.utf8)[...]
    while bytes.count > 1, bytes.last == slash { bytes.removeLast() }
    return bytes
  }
}

/// A file as the system knows it, whatever its names are.
public struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var number: UInt64
}

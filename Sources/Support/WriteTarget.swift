import Foundation

/// What an output path leads to once its symbolic links are followed.
enum WriteTarget {
  /// A regular file, or a place where none is yet; the status of the file that is there.
  case file(String, existing: stat?)
  /// An open descriptor of what cannot be replaced: a device, a FIFO, a descriptor of this process.
  case stream(Int32)

  private static let longestChain = 40

  /// - Throws: `.usage` for an empty path, `.inputOutput` for a folder, a circle of links, a file without the right to
  ///   write it, or a device that does not open.
  init(_ path: String) throws(GraftError) {
    guard !path.isEmpty else {
      throw GraftError(.usage, "the name of an output file is empty", hint: "give it a name.")
    }
    guard !path.utf8.contains(0) else { throw GraftError(.usage, "a file name with a zero byte") }
    var target = path
    for _ in 0..<Self.longestChain {
      if let number = Self.descriptor(target) {
        try StandardOutput.flush()
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .systemCall("write", path: path) }
        self = .stream(copy)
        return
      }
      var status = stat()
      guard lstat(target, &status) == 0 else {
        guard errno == ENOENT else { throw .systemCall("write", path: path) }
        guard target.utf8.last != UInt8(ascii: "/") else {
          throw GraftError(
            .inputOutput, "'\(path)' names a folder where a file is needed", hint: "give the file a name.")
        }
        self = .file(target, existing: nil)
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFLNK: target = try Self.follow(target, of: path)
      case S_IFREG:
        guard access(target, W_OK) == 0 else { throw .systemCall("write", path: path) }
        self = .file(target, existing: status)
        return
      case S_IFDIR: throw .folderForFile(path)
      default:
        let descriptor = open(target, O_WRONLY | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .systemCall("open", path: path) }
        self = .stream(descriptor)
        return
      }
    }
    throw .systemCall("write", path: path, number: ELOOP)
  }

  private static func follow(_ link: String, of path: String) throws(GraftError) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink(link, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count >= 0 else { throw .systemCall("read the link", path: path) }
    let target = String(decoding: buffer[..<count], as: UTF8.self)
    return target.utf8.first == UInt8(ascii: "/") ? target : Paths.join(Paths.parent(of: link), target)
  }

  /// The number of the process's own descriptor that a path stands for, as `/dev/stdout` and `/dev/fd/3` do. Opened
  /// anew, a file behind one would be written from its beginning, over what was printed before.
  private static func descriptor(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"] where path.hasPrefix(folder) {
        return Int32(path.dropFirst(folder.count))
      }
      return nil
    }
  }
}

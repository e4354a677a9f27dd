import Foundation

/// A file mapped read-only into memory for as long as the object lives. `-` is standard input; a pipe is copied to a
/// file first; one of the `BuiltInFiles` is there already.
public final class MappedFile: @unchecked Sendable {
  // The mapping is never written and is released only in `deinit`, hence safe to share.
  /// Valid while the object lives, which a local variable may stop to do after its last mention: prefer
  /// `withBytes`.
  public let bytes: UnsafeRawBufferPointer
  /// As it was given; `-` for standard input.
  public let path: String
  private let isMapped: Bool

  /// - Throws: `.missingInput` if there is no such file, `.inputOutput` if it cannot be read, `.badData` if it is
  ///   what Git LFS leaves in its place.
  public init(_ path: String) throws(GraftError) {
    self.path = path
    guard !BuiltInFiles.isOne(path) else {
      bytes = try BuiltInFiles.bytes(path)
      isMapped = false
      return
    }
    isMapped = true
    let place = path == "-" ? "/dev/stdin" : path
    var descriptor = SpooledInput.earlierCopy(of: place) ?? open(place, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .systemCall("open", path: path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .systemCall("stat", path: path) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw GraftError(.missingInput, "'\(path)' is not a regular file")
    }
    if status.st_mode & S_IFMT != S_IFREG {
      let copy = try SpooledInput.copy(of: descriptor, status, path: path)
      close(descriptor)
      descriptor = copy
      guard fstat(descriptor, &status) == 0 else { throw .systemCall("stat", path: path) }
    }
    let size = Int(status.st_size)
    if size == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw .systemCall("map", path: path)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
    MappingFaults.add(bytes, path: path)
    // Whatever was to be read, a few lines that stand for it are not it.
    guard !Self.isLFSPointer(bytes) else {
      throw GraftError(
        .badData, "'\(path)' is a Git LFS pointer: the file itself was not fetched",
        hint: "run `git lfs install` and `git lfs pull` in its repository, or download the file.")
    }
  }

  /// Gives back the memory of the whole pages that end in some bytes; who reads them again has them read from the file
  /// again.
  public func release(_ range: Range<Int>) {
    guard isMapped else { return }
    let page = 1 << 16
    let (start, end) = (range.lowerBound & ~(page - 1), min(range.upperBound, bytes.count) & ~(page - 1))
    if start < end, let base = bytes.baseAddress {
      madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }
  }

  deinit {
    if isMapped, let base = bytes.baseAddress {
      MappingFaults.remove(bytes)
      munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    }
  }
}

extension GraftError {
  /// The error for a failed system call, from the current `errno`.
  public static func systemCall(_ call: String, path: String, number: Int32 = errno) -> GraftError {
    let reason = String(cString: strerror(number))
    switch number {
    case ENOENT:
      return GraftError(.missingInput, "no such file or directory: '\(path)'")
    case ENOSPC, EDQUOT:
      return GraftError(
        .inputOutput, "cannot \(call) '\(path)': \(reason)",
        hint: "free some space; what was saved before is intact.")
    case EFBIG:
      return GraftError(
        .inputOutput, "cannot \(call) '\(path)': \(reason)",
        hint: "`ulimit -f` or the file system allows no larger file; what was saved before is intact.")
    default:
      return GraftError(.inputOutput, "cannot \(call) '\(path)': \(reason)")
    }
  }
}

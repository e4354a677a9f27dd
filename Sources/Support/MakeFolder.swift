import Foundation

/// Makes a folder and those above it, if they are not there, with the rights that the process's umask leaves; each is
/// durable when this returns.
/// - Throws: `.usage` for an empty path, `.inputOutput` for all else.
public func makeFolder(_ path: String) throws(GraftError) {
  guard !path.isEmpty else { throw GraftError(.usage, "the name of a folder is empty") }
  var status = stat()
  if stat(path, &status) == 0 {
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .fileForFolder(path)
    }
    return
  }
  let number = errno
  guard number == ENOENT else { throw .systemCall("make the folder", path: path, number: number) }
  if lstat(path, &status) == 0 {
    throw GraftError(
      .inputOutput, "cannot make the folder '\(path)': it is a symbolic link that leads nowhere",
      hint: "make the folder it names, or remove the link.")
  }
  let above = Paths.parent(of: path)
  if above != path { try makeFolder(above) }
  if mkdir(path, 0o777) != 0 {
    let number = errno
    // Another process may have made it, and `a/..` is there as soon as `a` is.
    guard number == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw .systemCall("make the folder", path: path, number: number)
    }
  }
  AtomicFile.syncFolder(of: path)
}

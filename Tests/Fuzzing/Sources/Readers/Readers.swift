import Foundation
import Support

/// What inputs are put to. It does more than read: what was read is used, and what must hold of it is checked.
public struct Reader: Sendable {
  public var name: String
  /// Errors are expected, any other end is a fault.
  var read: @Sendable (_ input: UnsafeRawBufferPointer) throws -> Void

  init(_ name: String, _ read: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) {
    (self.name, self.read) = (name, read)
  }
}

public enum Readers {
  public static let all = (tokenizers + models + definitions + tables + texts + records).sorted { $0.name < $1.name }

  /// Ends the process if the reader ends in any other way than it may.
  public static func read(_ input: UnsafeRawBufferPointer, by reader: Reader) {
    do {
      try reader.read(input)
    } catch {
      // What is wrong with a file is the file's fault, and said in the words of the project.
      guard let error = error as? GraftError else {
        preconditionFailure("an error of another type: \(error)")
      }
      precondition([.badData, .missingInput, .usage].contains(error.code), "\(error)")
      let text = error.description
      precondition(!text.contains("NSCocoaErrorDomain") && !text.contains("EncodingError"), text)
    }
  }
}

/// A folder in memory for readers that want a file: an input costs no disk.
public enum Scratch {
  static let path = "/dev/shm/graft-fuzz-\(getpid())"

  /// Makes the folder, which is removed when the process ends, and makes it the current one.
  public static func begin() {
    precondition(mkdir(path, 0o700) == 0 && chdir(path) == 0, "cannot make \(path)")
    atexit { try? FileManager.default.removeItem(atPath: Scratch.path) }
  }

  /// Without syncing, unlike files that are to last.
  /// - Returns: the path.
  @discardableResult
  static func write(_ name: String, _ bytes: UnsafeRawBufferPointer) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0, "cannot write \(file)")
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      precondition(count > 0, "cannot write \(file)")
      written += count
    }
    return file
  }

  @discardableResult
  static func write(_ name: String, _ text: String) -> String {
    var text = text
    return text.withUTF8 { write(name, UnsafeRawBufferPointer($0)) }
  }

  static func makeFolder(_ name: String) { mkdir("\(path)/\(name)", 0o700) }
  static func remove(_ name: String) { unlink("\(path)/\(name)") }
}

extension UnsafeRawBufferPointer {
  /// An input of several files has this byte between one and the next.
  static let separator: UInt8 = 0x1E

  /// The files of an input: as many as asked for, empty where the input has fewer. The last one takes the rest.
  func files(_ count: Int) -> [UnsafeRawBufferPointer] {
    var rest = self[...]
    var files: [UnsafeRawBufferPointer] = []
    while files.count < count - 1, let end = rest.firstIndex(of: Self.separator) {
      files.append(UnsafeRawBufferPointer(rebasing: rest[..<end]))
      rest = rest[(end + 1)...]
    }
    files.append(UnsafeRawBufferPointer(rebasing: rest))
    while files.count < count { files.append(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return files
  }
}

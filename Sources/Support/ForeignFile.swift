/// Formats that people have where Graft wants another one, told by their first bytes.
public enum ForeignFile: Sendable, CaseIterable {
  case empty
  case gguf
  case hdf5
  case numpy
  case pickle
  case safetensors
  case sentencePiece
  case webPage
  case zip

  /// Nil for what is none of them, plain text above all.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    func begins(_ text: String) -> Bool { bytes.starts(with: text.utf8) }
    let first = bytes.first ?? 0
    switch first {
    case _ where bytes.isEmpty: self = .empty
    // Before pickles: the length of a header may be 0x…0280.
    case _ where Self.isSafetensors(bytes): self = .safetensors
    case _ where begins("GGUF"): self = .gguf
    case 0x89 where bytes.dropFirst().starts(with: "HDF\r\n".utf8): self = .hdf5
    case 0x93 where bytes.dropFirst().starts(with: "NUMPY".utf8): self = .numpy
    case 0x80 where bytes.count > 2 && (2...5).contains(bytes[1]): self = .pickle
    case _ where begins("PK\u{3}\u{4}"): self = .zip
    case _ where Self.isSentencePiece(bytes): self = .sentencePiece
    case UInt8(ascii: "<") where Self.isWebPage(bytes): self = .webPage
    default: return nil
    }
  }

  /// A list of pieces in the encoding of protocol buffers: field 1, whose fields are a text and a float.
  private static func isSentencePiece(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 8, bytes[0] == 0x0A, bytes[2] == 0x0A else { return false }
    let end = 4 + Int(bytes[3])
    return end < bytes.count && bytes[1] < 0x80 && bytes[3] < 0x80 && bytes[end] == 0x15
  }

  /// The length of a header that is an object, of at most 100 MB as the format has it; the file may be cut off.
  private static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 10, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    return length >= 2 && length <= 100_000_000
  }

  private static func isWebPage(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let start = String(decoding: bytes.prefix(64), as: UTF8.self).lowercased()
    return start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
  }

  /// What it is, for messages.
  public var name: String {
    switch self {
    case .empty: "an empty file"
    case .gguf: "a GGUF file of llama.cpp"
    case .hdf5: "an HDF5 file, as Keras writes them"
    case .numpy: "an array of NumPy"
    case .pickle: "a pickle of Python, as torch.save writes them"
    case .safetensors: "a safetensors file"
    case .sentencePiece: "a model of SentencePiece"
    case .webPage: "a web page, not the file that was to be downloaded from it"
    case .zip: "a zip archive, as torch.save and numpy.savez write them"
    }
  }

  /// What makes of it what Graft reads.
  /// - Parameter folder: where the file lies.
  public func remedy(folder: String) -> String {
    switch self {
    case .empty, .webPage: "download it again; `file` and `ls -l` show what came."
    case .hdf5: Self.conversion(folder, ", from_tf=True")
    case .pickle, .zip: Self.conversion(folder, "")
    case .gguf:
      "python3 -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('\(folder)', "
        + "gguf_file='FILE').save_pretrained('converted')\" makes safetensors of the models that Graft has."
    case .numpy: "load it in Python and save a model of transformers with save_pretrained('DIR')."
    case .safetensors: "the folder that it lies in is a model; give that where one is wanted."
    case .sentencePiece:
      "python3 -c \"from transformers import AutoTokenizer as T; T.from_pretrained('\(folder)')"
        + ".save_pretrained('\(folder)')\" makes a tokenizer.json."
    }
  }

  private static func conversion(_ folder: String, _ option: String) -> String {
    "convert it once: python3 -c \"from transformers import AutoModelForPreTraining as M; M.from_pretrained('\(folder)'"
      + "\(option)).save_pretrained('\(folder)', safe_serialization=True)\""
  }

  /// The error of a file that is something else than what was wanted.
  public func error(path: String, wanted: String) -> GraftError {
    let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
    return GraftError(
      .badData, "'\(path)' is \(name), not \(wanted)", hint: remedy(folder: folder.isEmpty ? "/" : folder))
  }
}

extension MappedFile {
  /// What Git LFS leaves in the place of a file that was not fetched.
  static func isLFSPointer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count < 1024 && bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }
}

/// The mark that some programs, Windows' above all, put before UTF-8 text.
public let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

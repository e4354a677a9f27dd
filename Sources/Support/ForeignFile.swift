/// Formats that people have where Graft wants text or a file of another one, told by their first bytes.
public enum ForeignFile: Sendable, CaseIterable {
  /// From Arrow to PDF; what each of them is, `name` says.
  case arrow, avro, bzip2, compress, elf, gguf, hdf5, jpeg, lz4, lzip, numpy, oldOffice, orc, parquet, pdf
  /// From pickles to Zstandard.
  case pickle, png, rar, rtf, safetensors, sentencePiece, sevenZip, sqlite, tar, webPage, xz, zip, zstandard
  /// No bytes at all.
  case empty

  /// Enough bytes to tell: the mark of tar stands at 257.
  static let prefixLength = 264

  /// Nil for what is none of them, plain text above all.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else {
      self = .empty
      return
    }
    // Before pickles: the length of a header may be 0x…0280.
    if Self.isSafetensors(bytes) {
      self = .safetensors
    } else if let found = Self.marks.first(where: { $0.stands(in: bytes) }) {
      self = found.file
    } else if Self.isSentencePiece(bytes) {
      self = .sentencePiece
    } else if Self.isWebPage(bytes) {
      self = .webPage
    } else {
      return nil
    }
  }

  // MARK: Marks

  private struct Mark {
    var file: ForeignFile
    var bytes: [UInt8]
    var place = 0
    /// A byte that is a control character: letters alone could be those of a text.
    var control: Int?

    func stands(in start: UnsafeRawBufferPointer) -> Bool {
      start.count >= place + bytes.count && start[place..<(place + bytes.count)].elementsEqual(bytes)
        && control.map { start.count > $0 && start[$0] < 0x20 } ?? true
    }
  }

  private static func mark(_ file: ForeignFile, _ text: String, at place: Int = 0, control: Int? = nil) -> Mark {
    Mark(file: file, bytes: Array(text.utf8), place: place, control: control)
  }

  private static let marks: [Mark] =
    [
      mark(.arrow, "ARROW1", control: 6), mark(.avro, "Obj", control: 3), mark(.bzip2, "1AY&SY", at: 4),
      mark(.gguf, "GGUF"), mark(.lzip, "LZIP", control: 4), mark(.orc, "ORC", control: 3),
      mark(.parquet, "PAR1", control: 4), mark(.pdf, "%PDF-"), mark(.rar, "Rar!", control: 4),
      mark(.rtf, "{\\rtf"), mark(.sqlite, "SQLite format 3\0"), mark(.tar, "ustar", at: 257),
      mark(.zip, "PK\u{3}\u{4}"), mark(.zip, "PK\u{5}\u{6}"),
      Mark(file: .compress, bytes: [0x1F, 0x9D]), Mark(file: .elf, bytes: [0x7F, 0x45, 0x4C, 0x46]),
      Mark(file: .hdf5, bytes: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A]), Mark(file: .jpeg, bytes: [0xFF, 0xD8, 0xFF]),
      Mark(file: .lz4, bytes: [0x04, 0x22, 0x4D, 0x18]),
      Mark(file: .numpy, bytes: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]),
      Mark(file: .oldOffice, bytes: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
      Mark(file: .png, bytes: [0x89, 0x50, 0x4E, 0x47]),
      Mark(file: .sevenZip, bytes: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
      Mark(file: .xz, bytes: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
      Mark(file: .zstandard, bytes: [0x28, 0xB5, 0x2F, 0xFD]),
    ] + (2...5).map { Mark(file: .pickle, bytes: [0x80, $0]) }

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
    guard bytes.first == UInt8(ascii: "<") else { return false }
    let start = String(decoding: bytes.prefix(64), as: UTF8.self).lowercased()
    return start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
  }

  // MARK: In messages

  /// What it is.
  public var name: String {
    switch self {
    case .arrow: "an Arrow file"
    case .avro: "an Avro file"
    case .bzip2: "a bzip2 file"
    case .compress: "a file of compress (.Z)"
    case .elf: "a program"
    case .empty: "an empty file"
    case .gguf: "a GGUF file of llama.cpp"
    case .hdf5: "an HDF5 file, as Keras writes them"
    case .jpeg: "a JPEG picture"
    case .lz4: "an LZ4 file"
    case .lzip: "an lzip file"
    case .numpy: "an array of NumPy"
    case .oldOffice: "a document of an office program"
    case .orc: "an ORC file"
    case .parquet: "a Parquet file"
    case .pdf: "a PDF document"
    case .pickle: "a pickle of Python, as torch.save writes them"
    case .png: "a PNG picture"
    case .rar: "a RAR archive"
    case .rtf: "an RTF document"
    case .safetensors: "a safetensors file"
    case .sentencePiece: "a model of SentencePiece"
    case .sevenZip: "a 7-Zip archive"
    case .sqlite: "an SQLite database"
    case .tar: "a tar archive"
    case .webPage: "a web page, not the file that was to be downloaded from it"
    case .xz: "an xz file"
    case .zip: "a zip archive, as torch.save, numpy.savez and office programs write them"
    case .zstandard: "a Zstandard file"
    }
  }

  /// Whether a text may begin so, or be all of it.
  var isText: Bool {
    switch self {
    case .empty, .gguf, .safetensors, .sentencePiece, .webPage: true
    default: false
    }
  }

  /// The command that makes text of it, with FILE for the file's name; nil if there is none.
  private var textCommand: String? {
    /// A table of pandas' readers as JSON lines.
    func pandas(_ reader: String) -> String {
      "python3 -c \"import sys, pandas; pandas.read_\(reader)('FILE')"
        + ".to_json(sys.stdout, orient='records', lines=True)\""
    }
    return switch self {
    case .arrow: pandas("feather")
    case .avro: "avro-tools tojson FILE"
    case .bzip2: "bzip2 -dc FILE"
    case .compress: "gzip -dc FILE"
    case .hdf5: "h5dump FILE"
    case .lz4: "lz4 -dc FILE"
    case .lzip: "lzip -dc FILE"
    case .numpy:
      "python3 -c \"import sys, numpy; numpy.savetxt(sys.stdout, numpy.load('FILE'), fmt='%s')\""
    case .oldOffice: "catdoc FILE"
    case .orc: pandas("orc")
    case .parquet: pandas("parquet")
    case .pdf: "pdftotext FILE -"
    case .pickle:
      "python3 -c \"import sys, pickle; "
        + "sys.stdout.writelines(f'{x}\\n' for x in pickle.load(open('FILE', 'rb')))\""
    case .rar: "unrar p -inul FILE"
    case .rtf: "unrtf --text FILE"
    case .sevenZip: "7z x -so FILE"
    case .sqlite: "sqlite3 -json FILE 'select * from TABLE'"
    case .tar: "tar -xOf FILE"
    case .xz: "xz -dc FILE"
    case .zip: "unzip -p FILE"
    case .zstandard: "zstd -dc FILE"
    case .elf, .empty, .gguf, .jpeg, .png, .safetensors, .sentencePiece, .webPage: nil
    }
  }

  /// What makes of it a file of a model that Graft reads.
  /// - Parameter folder: where the file lies.
  private func remedy(folder: String) -> String {
    switch self {
    case .hdf5: Self.conversion(folder, ", from_tf=True")
    case .pickle, .zip: Self.conversion(folder, "")
    case .gguf:
      "python3 -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('\(folder)', "
        + "gguf_file='FILE').save_pretrained('converted')\" makes safetensors of the models that Graft has."
    case .numpy: "load it in Python and save a model of transformers with save_pretrained('DIR')."
    case .safetensors: "the folder that it lies in is a model; give that where one is wanted."
    case .sentencePiece:
      "give the folder that it lies in, with the name that its family has: spiece.model, tokenizer.model …"
    default: "download it again; `file` and `ls -l` show what came."
    }
  }

  private static func conversion(_ folder: String, _ option: String) -> String {
    "convert it once: python3 -c \"from transformers import AutoModelForPreTraining as M; M.from_pretrained('\(folder)'"
      + "\(option)).save_pretrained('\(folder)', safe_serialization=True)\""
  }

  /// The error of a file that is something else than what was wanted.
  public func error(path: String, wanted: String) -> GraftError {
    GraftError(
      .badData, "'\(path)' is \(name), not \(wanted)", hint: remedy(folder: Paths.parent(of: path)))
  }

  /// - Parameter path: as it stands in the message.
  /// - Throws: `.badData` for the first bytes of something that is no text, with the command that makes text of it.
  static func checkText(_ bytes: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    if MappedFile.isLFSPointer(bytes) {
      throw GraftError(
        .badData, "a Git LFS pointer, not the file itself", hint: "fetch it with `git lfs pull`.",
        location: SourceLocation(file: path))
    }
    guard let found = ForeignFile(bytes), !found.isText else { return }
    let quoted = path.utf8.contains(UInt8(ascii: " ")) ? "'\(path)'" : path
    let hint =
      if let command = found.textCommand?.replacing("FILE", with: quoted) {
        "unpack it, or let another program read it on the way: `\(command) | graft … -`, "
          + "or <(\(command)) in place of the file's name."
      } else { "take it out of the files that are read." }
    throw GraftError(
      .badData, "the file is \(found.name), not text", hint: hint, location: SourceLocation(file: path))
  }
}

extension MappedFile {
  /// What Git LFS leaves in the place of a file that was not fetched.
  static func isLFSPointer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count < 1024 && bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
  }
}

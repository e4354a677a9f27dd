/// What a file is that is no text and that Graft does not unpack, told by its first bytes, with the command that makes
/// text of it.
public enum ForeignContainer {
  /// Enough bytes to tell: the mark of tar stands at 257.
  static let prefixLength = 264

  /// The name of the format and the command, which has FILE for the file's name; nil for what may be text.
  static func of(_ bytes: UnsafeRawBufferPointer) -> (name: String, command: String)? {
    func begins(_ mark: [UInt8], at place: Int = 0) -> Bool {
      bytes.count >= place + mark.count && bytes[place..<(place + mark.count)].elementsEqual(mark)
    }
    func begins(_ mark: String, at place: Int = 0) -> Bool { begins(Array(mark.utf8), at: place) }
    /// Letters alone could be those of a text.
    func isControl(_ place: Int) -> Bool { bytes.count > place && bytes[place] < 0x20 }
    /// A table of pandas' readers as JSON lines.
    func pandas(_ reader: String) -> String {
      "python3 -c \"import sys, pandas; pandas.read_\(reader)('FILE')"
        + ".to_json(sys.stdout, orient='records', lines=True)\""
    }
    if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) { return ("xz", "xz -dc FILE") }
    if begins("BZh"), begins("1AY&SY", at: 4) { return ("bzip2", "bzip2 -dc FILE") }
    if begins([0x28, 0xB5, 0x2F, 0xFD]) { return ("Zstandard", "zstd -dc FILE") }
    if begins([0x04, 0x22, 0x4D, 0x18]) { return ("LZ4", "lz4 -dc FILE") }
    if begins("LZIP"), isControl(4) { return ("lzip", "lzip -dc FILE") }
    if begins([0x1F, 0x9D]) { return ("compress (.Z)", "gzip -dc FILE") }
    if begins([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) { return ("7-Zip", "7z x -so FILE") }
    if begins("Rar!"), isControl(4) { return ("RAR", "unrar p -inul FILE") }
    if begins([0x50, 0x4B, 0x03, 0x04]) || begins([0x50, 0x4B, 0x05, 0x06]) {
      return ("ZIP (or a document of an office program)", "unzip -p FILE")
    }
    if begins([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
      return ("a document of an office program", "catdoc FILE")
    }
    if begins("%PDF-") { return ("PDF", "pdftotext FILE -") }
    if begins("{\\rtf") { return ("RTF", "unrtf --text FILE") }
    if begins("PAR1"), isControl(4) {
      return ("Parquet", pandas("parquet"))
    }
    if begins("ARROW1"), isControl(6) {
      return ("Arrow", pandas("feather"))
    }
    if begins("ORC"), isControl(3) {
      return ("ORC", pandas("orc"))
    }
    if begins("Obj"), isControl(3) { return ("Avro", "avro-tools tojson FILE") }
    if begins([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A]) { return ("HDF5", "h5dump FILE") }
    if begins([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
      return ("NumPy", "python3 -c \"import sys, numpy; numpy.savetxt(sys.stdout, numpy.load('FILE'), fmt='%s')\"")
    }
    if begins("SQLite format 3\0") { return ("SQLite", "sqlite3 -json FILE 'select * from TABLE'") }
    if begins("ustar", at: 257) { return ("tar", "tar -xOf FILE") }
    if begins([0x80]), bytes.count > 2, (2...5).contains(bytes[1]) {
      return (
        "a pickle of Python",
        "python3 -c \"import sys, pickle; sys.stdout.writelines(f'{x}\\n' for x in pickle.load(open('FILE', 'rb')))\""
      )
    }
    for (mark, name) in [
      ([0x89, 0x50, 0x4E, 0x47], "PNG"), ([0xFF, 0xD8, 0xFF], "JPEG"),
      ([0x7F, 0x45, 0x4C, 0x46], "a program"),
    ] as [([UInt8], String)] where begins(mark) {
      return (name, "")
    }
    return nil
  }

  /// - Parameter path: as it stands in the message.
  /// - Throws: `.badData` for the first bytes of something that is no text.
  static func check(_ bytes: UnsafeRawBufferPointer, path: String) throws(GraftError) {
    if bytes.count >= 24, bytes.starts(with: "version https://git-lfs".utf8) {
      throw GraftError(
        .badData, "a Git LFS pointer, not the file itself", hint: "fetch it with `git lfs pull`.",
        location: SourceLocation(file: path))
    }
    guard let found = of(bytes) else { return }
    let quoted = path.utf8.contains(UInt8(ascii: " ")) ? "'\(path)'" : path
    let command = found.command.replacing("FILE", with: quoted)
    throw GraftError(
      .badData, "the file is \(found.name), not text",
      hint: command.isEmpty
        ? "take it out of the files that are read."
        : "unpack it, or let another program read it on the way: `\(command) | graft … -`, "
          + "or <(\(command)) in place of the file's name.",
      location: SourceLocation(file: path))
  }
}

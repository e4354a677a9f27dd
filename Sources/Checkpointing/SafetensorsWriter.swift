import Support

/// Writes safetensors files. The same tensors and metadata give the same bytes: tensors stand in the order of
/// element width (wider first, so that all are aligned), then of their names' UTF-8 bytes.
public enum SafetensorsWriter {
  /// Streams the tensors to `path`, which appears only when complete.
  /// - Throws: `.inputOutput` if the file cannot be written; what stood at `path` is then untouched.
  /// - Precondition: names are unique and none is `__metadata__`.
  public static func write(
    _ tensors: [TensorSource], metadata: [String: String] = [:], to path: String
  ) throws(GraftError) {
    let ordered = tensors.sorted {
      $0.type.width == $1.type.width
        ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : $0.type.width > $1.type.width
    }
    precondition(
      Set(tensors.map(\.name)).count == tensors.count
        && !tensors.contains { $0.name == SafetensorsHeader.metadataKey },
      "the tensors of a file need unique names")
    let header = header(of: ordered, metadata: metadata)
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in
      try append([UInt64(header.utf8.count).littleEndian], to: &writer)
      try writer.append(header)
      for tensor in ordered {
        switch tensor.type {
        case .bfloat16: try appendRounded(tensor.values, to: &writer)
        default: try writer.append(UnsafeRawBufferPointer(tensor.values))
        }
      }
    }
  }

  /// Padded with spaces so that the data begins at a multiple of 8.
  private static func header(of tensors: [TensorSource], metadata: [String: String]) -> String {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\($0.key.jsonLiteral):\($0.value.jsonLiteral)" }
      members.append("\"\(SafetensorsHeader.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.values.count * tensor.type.width
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(tensor.name.jsonLiteral):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    let text = "{\(members.joined(separator: ","))}"
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }

  private static func append<Word>(_ words: [Word], to writer: inout FileWriter) throws(GraftError) {
    var failure: GraftError?
    words.withUnsafeBytes { bytes in
      do throws(GraftError) { try writer.append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private static func appendRounded(
    _ values: UnsafeBufferPointer<Float>, to writer: inout FileWriter
  ) throws(GraftError) {
    let blockSize = 1 << 15
    for start in stride(from: 0, to: values.count, by: blockSize) {
      let block = values[start..<min(start + blockSize, values.count)]
      try append(block.map { $0.bfloat16Bits.littleEndian }, to: &writer)
    }
  }
}

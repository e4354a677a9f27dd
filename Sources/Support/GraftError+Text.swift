import Foundation

extension GraftError {
  /// The most characters that a part of an error takes of a terminal; names and cells can be of any length.
  public static let longestPart = 1500
  /// The most characters that a name takes of a message.
  public static let longestName = 100

  /// A text with its middle left out if it is longer than `limit` bytes, and with control characters other than line
  /// feeds and tabs spelled out: a name from a file must neither flood a terminal nor steer it.
  public static func shown(_ text: String, limit: Int = longestPart) -> String {
    var text = text
    let count = text.utf8.count
    if count > limit {
      // Cut as bytes: the first "character" of a hostile text can be megabytes of combining marks.
      let bytes = Array(text.utf8)
      let (head, tail) = (bytes.prefix(limit * 2 / 3), bytes.suffix(limit / 3))
      text =
        String(decoding: wholeCharacters(head), as: UTF8.self) + " […\(count - head.count - tail.count) bytes…] "
        + String(decoding: tail.drop { $0 & 0xC0 == 0x80 }, as: UTF8.self)
    }
    guard text.unicodeScalars.contains(where: isSteering) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isSteering(scalar) {
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// Without the first bytes of a character that is cut off at the end.
  private static func wholeCharacters(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let lead = bytes.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return bytes }
    let width = bytes[lead] < 0x80 ? 1 : bytes[lead] < 0xE0 ? 2 : bytes[lead] < 0xF0 ? 3 : 4
    return bytes.endIndex - lead < width ? bytes[..<lead] : bytes
  }

  private static func isSteering(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      // Marks that turn the direction of what follows.
      || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }

  /// What an underlying error says to a person: the system's reason rather than domains and codes.
  public static func reason(_ error: any Error) -> String {
    if let error = error as? GraftError { return error.description }
    if let error = error as? DecodingError { return reason(decoding: error) }
    let bridged = error as NSError
    switch bridged.domain {
    case NSPOSIXErrorDomain:
      return String(cString: strerror(Int32(truncatingIfNeeded: bridged.code)))
    case NSCocoaErrorDomain:
      if let inner = bridged.userInfo[NSUnderlyingErrorKey] as? any Error { return reason(inner) }
      if let text = bridged.userInfo["NSDebugDescription"] as? String { return text }
      return cocoaReasons[bridged.code] ?? "file operation failed (\(bridged.code))"
    default:
      // Of other errors of Foundation only the number is told apart.
      return type(of: error) is NSError.Type ? "error \(bridged.code) (\(bridged.domain))" : String(describing: error)
    }
  }

  private static let cocoaReasons = [
    CocoaError.Code.fileNoSuchFile.rawValue: "no such file or directory",
    CocoaError.Code.fileReadNoSuchFile.rawValue: "no such file or directory",
    CocoaError.Code.fileReadNoPermission.rawValue: "permission denied",
    CocoaError.Code.fileWriteNoPermission.rawValue: "permission denied",
    CocoaError.Code.fileWriteFileExists.rawValue: "a file of that name exists",
    CocoaError.Code.fileWriteOutOfSpace.rawValue: "no space left on device",
    CocoaError.Code.fileWriteVolumeReadOnly.rawValue: "read-only file system",
    CocoaError.Code.fileReadInvalidFileName.rawValue: "not a name of a file",
    CocoaError.Code.fileReadCorruptFile.rawValue: "damaged content",
  ]

  private static func reason(decoding error: DecodingError) -> String {
    func text(_ context: DecodingError.Context, _ missing: (any CodingKey)? = nil) -> String {
      let keys = context.codingPath + (missing.map { [$0] } ?? [])
      let place = keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
      let cause = context.underlyingError.map { ": " + reason($0) } ?? ""
      let problem = missing == nil ? context.debugDescription : "there is no such key"
      return (place.isEmpty ? "" : "\(place): ") + problem + cause
    }
    switch error {
    case .dataCorrupted(let context), .typeMismatch(_, let context): return text(context)
    case .keyNotFound(let key, let context): return text(context, key)
    case .valueNotFound(_, let context): return text(context)
    @unknown default: return String(describing: error)
    }
  }
}

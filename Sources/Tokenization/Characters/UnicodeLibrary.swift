import CICUShim

/// The version of ICU in use, which normalises text.
public enum UnicodeLibrary {
  /// Of ICU, for instance "72.1".
  public static var icuVersion: String { read(graft_icu_version) }

  /// Of its Unicode tables, for instance "15.0".
  public static var unicodeVersion: String { read(graft_unicode_version) }

  private static func read(_ function: (UnsafeMutablePointer<CChar>?) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
      buffer.initialize(repeating: 0)
      function(buffer.baseAddress)
      return buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}

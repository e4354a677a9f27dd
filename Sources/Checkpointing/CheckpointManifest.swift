/// What a checkpoint must consist of, as `manifest.json` states it. It is written last.
public struct CheckpointManifest: Sendable, Hashable, Codable {
  public struct File: Sendable, Hashable, Codable {
    /// In bytes.
    public var size: Int
    /// Lower-case hexadecimal.
    public var sha256: String

    public init(size: Int, sha256: String) {
      self.size = size
      self.sha256 = sha256
    }
  }

  public static let currentVersion = 1
  public static let fileName = "manifest.json"

  public var version: Int
  /// By name within the checkpoint's folder.
  public var files: [String: File]

  public init(files: [String: File], version: Int = CheckpointManifest.currentVersion) {
    self.version = version
    self.files = files
  }
}

import ModelKit
import Support

/// The model that an adapter was trained beside: `base.json` of its checkpoint.
public struct BaseReference: Sendable, Hashable, Codable {
  /// Where it was, from the root; or the name of a model that comes with Graft.
  public var path: String
  /// Of its parameters' names and values, in whichever files and layout they are; see `ParameterStore.hashOfBase`.
  public var sha256: String

  public init(path: String, sha256: String) { (self.path, self.sha256) = (path, sha256) }

  /// - Parameter path: the model that was opened.
  /// - Throws: `.badData` if the store has another base.
  public func require(_ store: ParameterStore, from path: String, for adapter: String) throws(GraftError) {
    guard store.hashOfBase() != sha256 else { return }
    throw GraftError(
      .badData, "'\(path)' is not the model that the adapter '\(adapter)' was trained beside: its values differ",
      hint: "the adapter names '\(self.path)'; `base:` gives another place.")
  }
}

extension ParameterStore {
  /// SHA-256 of the names and the f32 values of what belongs to the base of an adapter, in the order of memory.
  public func hashOfBase() -> String {
    var hash = ContentHash()
    for entry in entries where entry.isFixed {
      hash.update("\(entry.name) \(entry.shape)\n")
      hash.update(bufferPointer: UnsafeRawBufferPointer(values(of: entry)))
    }
    return hash.hexadecimal()
  }
}

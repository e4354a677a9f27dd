import CResources

/// Which Graft this is; both go into every `run.json`.
public enum GraftVersion {
  /// By semantic versioning.
  public static let number = "0.1.0"

  /// The commit of the sources, with `-dirty` if they were changed after it; nil if the build was not told,
  /// which `make build` and `make install` do.
  public static let commit: String? = graft_commit().map { String(cString: $0) }

  /// Both, for people.
  public static var text: String { "\(number) (commit \(commit ?? "unknown"))" }
}

/// How a text names a setting. Libraries, whose callers may have no flags, name it by its key as it stands in a
/// recipe or a grid, between backticks and with a colon: `batch:`. Whoever shows the text at a command line turns that
/// into the flag: --batch.
public enum SettingNames {
  /// `text` with flags for keys.
  public static func asFlags(_ text: String) -> String {
    guard text.contains(":`") else { return text }
    return text.replacing(/`([a-z][a-z0-9-]*):`/) { "--\($0.output.1)" }
  }
}

extension GraftError {
  /// As a command line says it: with flags for keys, unless it is about what stands in a file whose keys they are.
  public var withFlags: GraftError {
    if code == .badData, let file = location?.file, file.hasSuffix(".yaml") || file.hasSuffix(".yml") { return self }
    var error = self
    error.message = SettingNames.asFlags(message)
    error.hint = hint.map(SettingNames.asFlags)
    error.cause = cause.map(SettingNames.asFlags)
    return error
  }
}

/// A command line as a person would type it.
public enum ShellCommand {
  /// - Parameter arguments: the program first, whatever it was called and wherever it lay.
  static func text(_ arguments: [String]) -> String {
    (["graft"] + arguments.dropFirst()).map(quoted).joined(separator: " ")
  }

  /// The same for a command of Graft's.
  public static func graft(_ arguments: [String]) -> String { text(["graft"] + arguments) }

  /// What stands between the spaces of a command line.
  static func words(_ command: String) -> [String] {
    command.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%")

  private static func quoted(_ argument: String) -> String {
    guard argument.isEmpty || !argument.allSatisfy(plain.contains) else { return argument }
    return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}

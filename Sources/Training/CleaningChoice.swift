import Corpus
import Support

/// The cleaning a person names on the command line.
public enum CleaningChoice {
  public static let names = ["c4", "c4-deduplicated", "none"]

  static func named(_ name: String?) throws(GraftError) -> CleaningOptions? {
    switch name {
    case nil, "none": nil
    case "c4": .c4
    case "c4-deduplicated": .c4Deduplicated
    case let other?: throw .unknownName("cleaning", other, known: names)
    }
  }
}

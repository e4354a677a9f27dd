import Mustache
import Support

/// Turns a page into HTML by the templates in `Templates`, which are part of the executable.
public enum ReportTemplate {
  static var style: String { text(PackageResources.report_css) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// - Throws: `.internalError` for a template that cannot be read.
  public static func html(_ page: ReportPage) throws(GraftError) -> String {
    var library = MustacheLibrary()
    do {
      library.register(
        try MustacheTemplate(string: text(PackageResources.page_mustache)), named: "page")
      library.register(
        try MustacheTemplate(string: text(PackageResources.parts_mustache)), named: "parts")
      library.register(
        try MustacheTemplate(string: text(PackageResources.example_mustache)), named: "example")
    } catch {
      throw GraftError(.internalError, "cannot read a template of the report", cause: error)
    }
    guard let html = library.render(page.numbered(), withTemplate: "page") else {
      throw GraftError(.internalError, "the report has no template")
    }
    return html
  }
}

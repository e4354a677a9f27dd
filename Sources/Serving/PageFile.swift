/// A file of the page, which is part of the executable.
struct PageFile: Sendable {
  var path, type: String
  var bytes: [UInt8]

  static let all = [
    PageFile(path: "/", type: "text/html; charset=utf-8", bytes: PackageResources.page_html),
    PageFile(path: "/page.css", type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
    PageFile(path: "/page.js", type: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
    PageFile(path: "/answers.js", type: "text/javascript; charset=utf-8", bytes: PackageResources.answers_js),
    PageFile(path: "/attention.js", type: "text/javascript; charset=utf-8", bytes: PackageResources.attention_js),
    PageFile(path: "/texts.js", type: "text/javascript; charset=utf-8", bytes: PackageResources.texts_js),
    PageFile(path: "/icon.svg", type: "image/svg+xml", bytes: PackageResources.icon_svg),
  ]
}

"""Uses the page of `graft serve` in a browser as a person does: types, clicks, reads.

    serve_page.py GRAFT TASK_RUN TEXT_RUN [SCREENSHOTS]

TASK_RUN was fine-tuned on a task, TEXT_RUN goes on with texts. Looks at the page 390 and 1200 pixels wide, light and dark;
pictures go to the folder SCREENSHOTS. Ends with 1 if something that should be there is not, if the page is wider than its
window, or if the browser's console has an error. Needs Chromium with its driver, and Selenium
(`apt-get install chromium chromium-driver; pip install selenium`).
"""
import json
import os
import subprocess
import sys
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60


def browser(width, dark):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},1000"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    # A window cannot be made as narrow as a telephone, its contents can.
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500})
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
    return driver


def check(condition, text):
    if not condition:
        raise SystemExit(f"not so: {text}")


class Page:
    def __init__(self, address, width, dark, folder):
        self.driver = browser(width, dark)
        self.name = f"{width}-{'dark' if dark else 'light'}"
        self.folder = folder
        self.driver.get(address)
        self.wait(lambda: self.all("textarea"))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, condition):
        return WebDriverWait(self.driver, PATIENCE).until(lambda _: condition())

    def picture(self, name):
        width, scroll = self.driver.execute_script("return [innerWidth, document.documentElement.scrollWidth]")
        check(scroll <= width, f"{self.name}: {name} is {scroll} pixels wide in {width}")
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        if self.folder:
            shot = self.driver.execute_cdp_cmd(
                "Page.captureScreenshot",
                {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}})
            import base64
            with open(os.path.join(self.folder, f"{name}-{self.name}.png"), "wb") as file:
                file.write(base64.b64decode(shot["data"]))

    def close(self):
        errors = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        self.driver.quit()
        check(not errors, f"{self.name}: {errors}")


def ask_task(page, run, api):
    """Types a text for every field and compares what the page says with what programs are told."""
    fields = {}
    texts = ["The two cats are not sleeping on 3 mats.", "Some cats sleep."]
    for area, text in zip(page.all("textarea"), texts):
        area.send_keys(text)
        fields[area.get_attribute("name")] = text
    page.driver.find_element(By.ID, "ask").click()
    page.wait(lambda: page.all(".heat.pick td") and page.driver.find_element(By.ID, "ask").is_enabled())
    told = api("/api/answer", {"run": run, "fields": fields})
    check(page.all(".answer")[0].text == told["answer"], f"the answer is {told['answer']}")
    shown = [element.text for element in page.all(".bars .number")[:len(told["probabilities"])]]
    check(shown == [f"{100 * one['probability']:.1f} %" for one in told["probabilities"]], f"probabilities are {told}")
    check(len(page.all(".tokens li")) == len(told["prompt"]["tokens"]), "all tokens of the prompt are shown")
    parts = api("/api/partial", {"run": run, "fields": fields})["parts"]
    check(len(page.all("section:nth-of-type(2) .rows li")) == len(parts), "every part has a row")
    variants = api("/api/variants", {"run": run, "fields": fields})["variants"]
    check(len(page.all("section:nth-of-type(3) > .rows > li")) == len(variants), "every variant has a row")
    page.picture("task")
    page.all(".heat.pick td")[3].click()
    page.wait(lambda: len(page.all(".heat")) == 2)
    page.picture("head")


def continue_text(page, api):
    """Takes a token by a click, ten at once, and one back."""
    if page.all("#mode-text") and page.driver.find_element(By.ID, "mode-text").is_displayed():
        page.driver.find_element(By.ID, "mode-text").click()
    page.all("textarea")[0].send_keys("Once upon a time there was")
    page.driver.find_element(By.ID, "ask").click()
    page.wait(lambda: page.all(".alternatives button"))
    first = page.all("article")[-1]
    told = api("/api/next", {"run": first.find_element(By.TAG_NAME, "h2").text, "text": "Once upon a time there was"})
    buttons = first.find_elements(By.CSS_SELECTOR, ".alternatives button")
    check(len(buttons) == len(told["alternatives"]), "there are ten alternatives")
    buttons[1].click()
    page.wait(lambda: first.find_elements(By.CSS_SELECTOR, ".taken"))
    taken = first.find_element(By.CSS_SELECTOR, ".taken").get_attribute("textContent")
    check(taken == told["alternatives"][1]["text"], f"'{taken}' was taken")
    more, undo = first.find_elements(By.CSS_SELECTOR, ".tools button")[:2]
    page.wait(more.is_enabled)
    more.click()
    page.wait(lambda: len(first.find_elements(By.CSS_SELECTOR, ".taken")) == 11 and undo.is_enabled())
    undo.click()
    page.wait(lambda: len(first.find_elements(By.CSS_SELECTOR, ".taken")) == 10)
    page.picture("text")


def main():
    graft, task_run, text_run = sys.argv[1:4]
    folder = sys.argv[4] if len(sys.argv) > 4 else None
    if folder:
        os.makedirs(folder, exist_ok=True)
    process = subprocess.Popen(
        [graft, "serve", task_run, text_run, "--port", "0", "--quiet"], stdout=subprocess.PIPE, text=True)
    try:
        address = process.stdout.readline().strip()

        def api(path, body):
            request = urllib.request.Request(
                address.rstrip("/") + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
            return json.load(urllib.request.urlopen(request))

        with urllib.request.urlopen(address + "api/runs") as answer:
            run = json.load(answer)["runs"][0]["name"]
        for width in [390, 1200]:
            for dark in [False, True]:
                page = Page(address, width, dark, folder)
                ask_task(page, run, api)
                continue_text(page, api)
                page.close()
        print("the page works 390 and 1200 pixels wide, light and dark")
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()

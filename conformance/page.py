"""Loads pages of plans in Chromium, uses them as people do, and prints what is wrong.

  page.py CHROMIUM PROFILE PAGE CHANGES SEARCH FOUND [PICTURES]

PAGE shows CHANGES changes, of which the word SEARCH finds FOUND. PROFILE is a new folder.
Pictures go to the folder PICTURES. The exit code is 1 if there is something to print.
"""
import base64
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

import websocket

FLAGS = (
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--remote-debugging-port=0', '--remote-allow-origins=*')


class Browser:
  """One tab of Chromium, spoken to by its DevTools protocol."""

  def __init__(self, chromium, profile):
    self.process = subprocess.Popen([chromium, *FLAGS, '--user-data-dir=' + profile, 'about:blank'], stderr=subprocess.DEVNULL)
    port_file = pathlib.Path(profile, 'DevToolsActivePort')
    deadline = time.monotonic() + 60
    while not (port_file.exists() and port_file.read_text().count('\n')):
      if time.monotonic() > deadline or self.process.poll() is not None:
        raise SystemExit('chromium does not start')
      time.sleep(.05)
    port = port_file.read_text().split('\n')[0]
    with urllib.request.urlopen('http://127.0.0.1:%s/json' % port) as answer:
      tab = next(t for t in json.load(answer) if t['type'] == 'page')
    self.socket = websocket.create_connection(tab['webSocketDebuggerUrl'], timeout=60)
    self.number = 0
    self.events = []
    for domain in ('Page', 'Runtime', 'Log', 'Network'):
      self.call(domain + '.enable')

  def call(self, method, **params):
    self.number += 1
    self.socket.send(json.dumps({'id': self.number, 'method': method, 'params': params}))
    while True:
      message = json.loads(self.socket.recv())
      if message.get('id') == self.number:
        if 'error' in message:
          raise SystemExit('%s: %s' % (method, message['error']))
        return message['result']
      self.events.append(message)

  def wait(self, method):
    while not any(e.get('method') == method for e in self.events):
      self.events.append(json.loads(self.socket.recv()))

  def load(self, url):
    self.events = []
    self.call('Page.navigate', url=url)
    self.wait('Page.loadEventFired')

  def ask(self, expression):
    result = self.call('Runtime.evaluate', expression=expression, returnByValue=True)
    if 'exceptionDetails' in result:
      raise SystemExit('%s: %s' % (expression, result['exceptionDetails']))
    return result['result'].get('value')

  def press(self, key, code, text=''):
    for kind in ('keyDown', 'keyUp'):
      self.call('Input.dispatchKeyEvent', type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text if kind == 'keyDown' else '')

  def type(self, text):
    self.call('Input.insertText', text=text)

  def show(self, width, scheme, media=''):
    self.call('Emulation.setDeviceMetricsOverride', width=width, height=900, deviceScaleFactor=1, mobile=False)
    self.call('Emulation.setEmulatedMedia', media=media, features=[{'name': 'prefers-color-scheme', 'value': scheme}])

  def picture(self, path):
    pathlib.Path(path).write_bytes(base64.b64decode(self.call('Page.captureScreenshot')['data']))

  def close(self):
    self.socket.close()
    self.process.terminate()
    self.process.wait()


ENTER, TAB, SPACE, SLASH = ('Enter', 13, '\r'), ('Tab', 9), (' ', 32, ' '), ('/', 191, '/')
COUNT = 'document.getElementById("count").textContent'
SHOWN = '[...document.querySelectorAll(".change")].filter(g => g.checkVisibility()).reduce((n, g) => n + +g.dataset.count, 0)'


def main(chromium, profile, page, changes, search, found, pictures=''):
  wrong = []

  def check(what, got, want):
    if got != want:
      wrong.append('%s: got %r, want %r' % (what, got, want))

  def quiet(what):
    for e in browser.events:
      method, params = e.get('method'), e.get('params')
      if method in ('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded'):
        wrong.append('%s: %s %s' % (what, method, json.dumps(params)[:300]))
      if method == 'Network.requestWillBeSent' and params['request']['url'].partition('#')[0] != url:
        wrong.append('%s: it asks for %s' % (what, params['request']['url']))

  changes, found = int(changes), int(found)
  url = pathlib.Path(page).absolute().as_uri()
  browser = Browser(chromium, profile)
  try:
    text = {}
    for width in (1280, 390):
      for scheme in ('light', 'dark'):
        browser.show(width, scheme)
        browser.load(url)
        what = '%d columns, %s' % (width, scheme)
        quiet(what)
        check(what + ', wider than the window', browser.ask('document.documentElement.scrollWidth > innerWidth'), False)
        text[scheme] = browser.ask('getComputedStyle(document.body).color')
        if pictures:
          browser.picture(pathlib.Path(pictures, 'plan-%d-%d-%s.png' % (changes, width, scheme)))
    check('the letters are of another colour in the dark', text['light'] != text['dark'], True)
    check('changes without a search', browser.ask(SHOWN), changes)
    if changes:
      use(browser, check, changes, search, found)
      quiet('in use')
      browser.call('Emulation.setScriptExecutionDisabled', value=True)
      browser.load(url)
      browser.call('Emulation.setScriptExecutionDisabled', value=False)
      check('changes without scripts', browser.ask(SHOWN), changes)
      check('the form without scripts', browser.ask('document.querySelector("form").checkVisibility()'), False)
  finally:
    browser.close()
  print('\n'.join(wrong))
  return 1 if wrong else 0


def use(browser, check, changes, search, found):
  """Uses a page by its keyboard alone."""
  every = '%d of %d shown' % (changes, changes)
  check('the count', browser.ask(COUNT), every)
  browser.press(*SLASH)
  check('what / leads to', browser.ask('document.activeElement.name'), 'search')
  browser.type(search)
  check('the count after a search', browser.ask(COUNT), '%d of %d shown' % (found, changes))
  check('what is seen after a search', browser.ask(SHOWN), found)
  browser.ask('document.querySelector("form").reset(); document.querySelector("form").dispatchEvent(new Event("input")); 0')
  kinds = browser.ask('Object.fromEntries(["create", "update", "destroy"].map(a => [a, [...document.querySelectorAll(".change." + a)].reduce((n, g) => n + +g.dataset.count, 0)]))')
  for action in ('create', 'update', 'destroy'):
    browser.press(*TAB)
    check('what the tabulator leads to', browser.ask('document.activeElement.name'), action)
    browser.press(*SPACE)
    check('what is seen without ' + action, browser.ask(SHOWN), changes - kinds[action])
    browser.press(*SPACE)
  check('the count with all', browser.ask(COUNT), every)
  browser.press(*TAB)
  whole = '[...document.querySelectorAll(".change")].every(g => g.open)'
  for state in (browser.ask(whole), not browser.ask(whole)):
    browser.press(*ENTER)
    check('all are open', browser.ask(whole), not state)
  browser.press(*TAB)
  check('the next one is a change', browser.ask('document.activeElement.matches(".change > summary")'), True)
  is_open = 'document.activeElement.parentElement.open'
  was = browser.ask(is_open)
  browser.press(*ENTER)
  check('it is open', browser.ask(is_open), not was)
  if browser.ask('document.querySelectorAll("svg a").length'):
    browser.ask('document.querySelector("svg a").focus(); 0')
    browser.press(*ENTER)
    deadline = time.monotonic() + 10
    while browser.ask('document.activeElement.tagName') != 'SUMMARY' and time.monotonic() < deadline:
      time.sleep(.05)
    check('a box of the picture leads to its change', browser.ask(
      '"#" + document.activeElement.parentElement.id == document.querySelector("svg a").getAttribute("href") && document.activeElement.parentElement.open'), True)


sys.exit(main(*sys.argv[1:]))

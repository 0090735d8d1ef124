"""An editor looks who has their page, and sends it once more to a server that refused it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.factories.instances import RunningInstance, eventually

PASSWORD = "a long and quiet river"
WORDS = "Validation failed <b>here</b>"


def test_an_editor_finds_who_refused_their_page_and_sends_it_again(
    hub: RunningInstance, visitor: BrowserContext
) -> None:
    partner = hub.do("partner", title="Tamarack Desk", handle="tamarack", editor="tamarack-editor", password=PASSWORD)
    address = f"/.well-known/webfinger?resource=acct:tamarack@{hub.host}"
    eventually(lambda: hub.get(address).status == 200, what="the profile exists")
    page = hub.do("draft", parent=partner["page"], kind="news", title="Rejected news", live=True)
    eventually(lambda: "link" in hub.get(page["url"], "text/html").headers, what="the page is out")
    hub.do("refused_by", page=page["id"], host="strict.example", words=WORDS)

    tab = visitor.new_page()
    tab.goto("/admin/login/")
    tab.fill("input[name=username]", "tamarack-editor")
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button[type=submit]")
    tab.wait_for_url("**/admin/")
    expect(tab.locator("#sharing-section")).to_contain_text("Rejected news")

    tab.goto(f"/admin/pages/{page['id']}/edit/")
    tab.locator(".cw-delivery a").click()
    refused = tab.get_by_role("region", name="Refused")
    expect(refused).to_contain_text("The server does not accept the message.")
    expect(refused).to_contain_text(WORDS)
    refused.get_by_role("button", name="Send again → https://strict.example").click()
    expect(tab.locator(".messages")).to_contain_text("1 message is sent again.")
    expect(tab.get_by_role("region", name="Waiting")).to_contain_text("strict.example")

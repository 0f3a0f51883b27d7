// Which panels there are, and in which order.
import { render } from "preact";
import { DirectPanel } from "./direct/direct_panel";
import { App } from "./frame/app";
import { later } from "./frame/later";
import { addPanel } from "./frame/panels";
import { abilities } from "./frame/session";
import { InsidePanel } from "./inside/inside_panel";
import { TalkView } from "./talk/talk_view";
import "./look/page.css";

addPanel({ id: "talk", title: "talk", icon: "talk", where: "main", who: "anybody", show: TalkView });
addPanel({ id: "write", title: "write", icon: "write", where: "main", who: "writer", show: later(async () => (await import("./write/write_view")).WriteView) });
addPanel({ id: "arena", title: "arena", icon: "masks", where: "main", who: "writer", isThere: () => abilities.value.arenas, show: later(async () => (await import("./arena/arena_view")).ArenaView) });
addPanel({ id: "reports", title: "reports", icon: "scales", where: "main", who: "writer", isThere: () => abilities.value.reports, show: later(async () => (await import("./study/reports_view")).ReportsView) });
addPanel({ id: "curate", title: "curate", icon: "edit", where: "main", who: "writer", isThere: () => abilities.value.dataSets, show: later(async () => (await import("./curate/curate_view")).CurateView) });
addPanel({ id: "trainings", title: "trainings", icon: "curve", where: "main", who: "writer", isThere: () => abilities.value.trainings, show: later(async () => (await import("./train/trainings_view")).TrainingsView) });
addPanel({ id: "house", title: "house", icon: "house", where: "main", who: "owner", show: later(async () => (await import("./house/house_view")).HouseView) });
addPanel({ id: "direct", title: "direct", icon: "direct", where: "side", who: "writer", show: DirectPanel });
addPanel({ id: "inside", title: "inside", icon: "look", where: "side", who: "writer", show: InsidePanel });

const page = document.getElementById("page");
if (page) render(<App />, page);

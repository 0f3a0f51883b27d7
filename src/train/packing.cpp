// Lays documents into sequences.
#include "train/packing.h"

#include <algorithm>

#include "base/check.h"

namespace dramatis::train {
namespace {

// One long ribbon of tokens with their marks.
struct Ribbon {
  std::vector<std::int32_t> ids, document;
  std::vector<bool> learnt;

  void append(const Document& from, std::int32_t mark) {
    ids.insert(ids.end(), from.ids.begin(), from.ids.end());
    learnt.insert(learnt.end(), from.learnt.begin(), from.learnt.end());
    document.insert(document.end(), from.ids.size(), mark);
  }

  // `length` positions from `first`, which needs first + length < ids.size().
  [[nodiscard]] Sequence cut(std::size_t first, std::size_t length) const {
    Sequence row;
    row.ids.assign(ids.begin() + static_cast<std::ptrdiff_t>(first),
                   ids.begin() + static_cast<std::ptrdiff_t>(first + length + 1));
    for (std::size_t n = first; n < first + length; ++n) {
      row.document.push_back(document[n]);
      row.learnt.push_back(document[n + 1] == document[n] && learnt[n + 1]);
    }
    return row;
  }
};

}  // namespace

std::vector<Sequence> pack(const std::vector<Document>& documents, std::size_t length) {
  DRAMATIS_CHECK(length > 0);
  Ribbon ribbon;
  std::int32_t mark = 0;
  for (const auto& document : documents) ribbon.append(document, mark++);
  DRAMATIS_CHECK(!ribbon.ids.empty());
  for (std::size_t again = 0;
       ribbon.ids.size() < length + 1 || (ribbon.ids.size() - 1) % length != 0; ++again) {
    Document filler = documents[again % documents.size()];
    const std::size_t over = (ribbon.ids.size() - 1) % length;
    filler.ids.resize(std::min(filler.ids.size(), length - over));
    filler.learnt.resize(filler.ids.size());
    ribbon.append(filler, mark++);
  }
  std::vector<Sequence> rows;
  for (std::size_t first = 0; first + length < ribbon.ids.size(); first += length) {
    rows.push_back(ribbon.cut(first, length));
  }
  return rows;
}

std::vector<Sequence> pack_whole(const std::vector<Document>& documents, std::size_t length) {
  DRAMATIS_CHECK(length > 0);
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < documents.size(); ++n) order.push_back(n);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return documents[a].ids.size() > documents[b].ids.size();
  });
  std::vector<Ribbon> bins;
  std::int32_t mark = 0;
  for (const std::size_t n : order) {
    Document document = documents[n];
    document.ids.resize(std::min(document.ids.size(), length + 1));
    document.learnt.resize(document.ids.size());
    auto bin = std::find_if(bins.begin(), bins.end(), [&](const Ribbon& ribbon) {
      return ribbon.ids.size() + document.ids.size() <= length + 1;
    });
    if (bin == bins.end()) bin = bins.insert(bins.end(), Ribbon{});
    bin->append(document, mark++);
  }
  std::vector<Sequence> rows;
  for (auto& bin : bins) {
    bin.append({.ids = std::vector<std::int32_t>(length + 1 - bin.ids.size()),
                .learnt = std::vector<bool>(length + 1 - bin.ids.size())},
               mark++);
    rows.push_back(bin.cut(0, length));
  }
  return rows;
}

}  // namespace dramatis::train

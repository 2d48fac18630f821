export default {
  render({ model, el }) {
    const { questions } = model.get("data");
    const score = make("p", { className: "note", role: "status" }, `0 of ${questions.length} right at the first try`);
    let right = 0;
    const parts = questions.map((question, number) => {
      const why = make("p", { className: "note", role: "status" });
      let tries = 0;
      const answers = question.answers.map((answer) => {
        const button = make("input", { type: "radio", name: `q${number}-${model.model_id ?? ""}` });
        button.addEventListener("change", () => {
          tries += 1;
          why.replaceChildren(make("b", { className: answer.right ? "right" : "wrong" }, answer.right ? "Right. " : "No. "), answer.why);
          if (answer.right && tries === 1) right += 1;
          score.textContent = `${right} of ${questions.length} right at the first try`;
        });
        return make("label", { className: "answer" }, button, answer.text);
      });
      return make("fieldset", {}, make("legend", {}, `${number + 1}. ${question.text}`), ...answers, why);
    });
    frame(model, el, ...parts, score);
  },
};
